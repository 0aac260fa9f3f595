/** @file Weights files whose network was trained on other data: refused as teachers and by evaluate, and what `force` does. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createModel, createTrainer, loadModel, saveModel, shapes, type Dataset } from "../../src/entries/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { evaluateFile, openExperiment, type ConfigInput } from "../../src/entries/node.ts";
import { result } from "../../src/train/events.ts";

const small = { engine: "reference", limit: 8, batchSize: 4, epochs: 1, latency: false } as const;
const animals = [..."abcdefghij"].map((letter) => `${letter}nimal`);
const data = shapes({ train: 8, test: 8 });

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-other-data-"));
});
afterAll(() => rm(root, { recursive: true }));

/** A LightNN's file, as `saveModel` writes it of this data set. */
async function saved(name: string, dataset: Dataset): Promise<string> {
  const engine = referenceEngine();
  const model = createModel("LightNN");
  for (const [tensor, values] of initialise(model.module, torchRandom(1))) await engine.write(tensor, values);
  const file = join(root, `${name}.safetensors`);
  await writeFile(file, await saveModel(model, engine, { dataset, made: { by: name } }));
  await engine.close();
  return file;
}

/** Distils it on shapes; what was warned of. */
async function distilled(out: string, given: Partial<ConfigInput<"distill">> & { readonly teacher: string }) {
  const folder = join(root, out);
  const experiment = await openExperiment(
    "distill",
    { ...small, dataset: "shapes", baseline: false, ...given },
    { out: folder },
  );
  const notes: string[] = [];
  try {
    for await (const event of experiment.run())
      if (event.kind === "note" && event.about === undefined) notes.push(event.text);
  } finally {
    await experiment.close();
  }
  return notes;
}

const otherClasses = { ...data, name: "zoo", classes: animals };
const otherNormalisation = { ...data, mean: [0.5, 0.5, 0.5] };
const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(message) });

test("a teacher of other classes is refused, with both, before anything is written", async () => {
  const teacher = await saved("zoo", otherClasses);
  await expect(distilled("by-zoo", { teacher })).rejects.toEqual(
    refusal(
      /zoo\.safetensors should .* the classes of shapes, disc, .*\(10\), but its classes are those of zoo, animal, bnimal, cnimal, … \(10\): number 0 is "animal" instead of "disc", .* and 5 more; choose its data set, zoo, or .*--force/,
    ),
  );
  expect(await readdir(join(root, "by-zoo"))).toEqual([]);
  const several = [await saved("good", data), teacher];
  await expect(distilled("by-two", { teacher: several as unknown as string })).rejects.toEqual(refusal(/zoo\.saf/));
  await expect(openExperiment("tutorial", { ...small, teacher }, { out: join(root, "tutorial") })).rejects.toEqual(
    refusal(/zoo\.safetensors should/),
  );
});

test("to the tutorial, the same classes in another order are other classes", async () => {
  const teacher = await saved("turned", { ...data, classes: data.classes.toReversed() });
  await expect(openExperiment("tutorial", { ...small, teacher }, { out: join(root, "turned") })).rejects.toEqual(
    refusal(/turned\.safetensors should .* classes of shapes.*; give a teacher/),
  );
});

test("a teacher of images normalised otherwise is refused, with both", async () => {
  const teacher = await saved("normalised", otherNormalisation);
  await expect(distilled("by-normalised", { teacher })).rejects.toEqual(
    refusal(
      /normalised as those of shapes, with mean 0\.38, 0\.38, 0\.38 and .* it takes mean 0\.5, 0\.5, 0\.5 and .*--force/,
    ),
  );
});

test("one of the same data, and one whose file says nothing, teach without a warning about data", async () => {
  expect(await distilled("by-same", { teacher: await saved("same", data) })).not.toContainEqual(
    expect.stringContaining("may be wrong"),
  );
});

test("force takes it with a warning; its copy in the folder keeps what its file said, so that resuming checks it too", async () => {
  const teacher = await saved("forced", otherNormalisation);
  const notes = await distilled("by-forced", { teacher, force: true });
  expect(notes).toContainEqual(expect.stringMatching(/^.*forced\.safetensors .*: its outputs may be wrong here$/));
  const engine = referenceEngine();
  const copy = await loadModel(await readFile(join(root, "by-forced/teacher/model.safetensors")), engine);
  await engine.close();
  expect(copy.description).toMatchObject({
    dataset: "shapes",
    normalisation: { mean: [0.5, 0.5, 0.5], std: data.std },
    made: { by: "forced" },
  });
  const resumed = openExperiment("distill", { force: false } as never, { out: join(root, "by-forced"), resume: true });
  await expect(resumed).rejects.toEqual(
    refusal(/^teacher\/model\.safetensors should .* normalised as those of shapes/),
  );
});

test("weights to start from may be of images normalised otherwise, with a warning", async () => {
  const weights = await saved("start", otherNormalisation);
  const experiment = await openExperiment("train", { ...small, weights }, { out: join(root, "started") });
  expect(experiment.folder.notes).toContainEqual(
    expect.stringMatching(
      /start\.safetensors should .* it takes mean 0\.5, 0\.5, 0\.5 .*: the training has to make up/,
    ),
  );
  await experiment.close();
  const same = { ...small, weights: await saved("start-same", data) };
  const other = await openExperiment("train", same, { out: join(root, "started-same") });
  expect(other.folder.notes).not.toContainEqual(expect.stringContaining("make up"));
  await other.close();
});

test("evaluate refuses other classes, with both and what to do", async () => {
  const evaluate = (weights: string) =>
    result(evaluateFile({ engine: "reference", limit: 8, weights, dataset: "shapes" }));
  await expect(evaluate(await saved("evaluated", otherClasses))).rejects.toEqual(
    refusal(/the classes of shapes, disc, .* its classes are those of zoo, animal, .*; choose zoo as the data set, or/),
  );
  expect((await evaluate(await saved("turned-not", data))).count).toBe(8);
});

test("a trainer of the library refuses such a teacher too", async () => {
  const engine = referenceEngine();
  const trainer = await createTrainer({ dataset: data, engine, epochs: 1, batchSize: 4 });
  const load = async (file: string) => loadModel(await readFile(file), engine);
  const zoo = await load(await saved("loaded", otherClasses));
  await expect(trainer.distill("LightNN", { teacher: zoo })).rejects.toEqual(
    refusal(/^the teacher LightNN should .* of shapes, .* those of zoo, /),
  );
  const same = await load(await saved("loaded-same", data));
  await trainer.distill("LightNN", { teacher: same });
  await engine.close();
});
