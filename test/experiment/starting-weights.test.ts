/** @file Trainings that start from given weights: which values they begin with, what is recorded, and that they resume to the same bits. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createModel, createTrainer, loadModel, saveModel, shapes, type Dataset } from "../../src/entries/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { initialise, namedStates } from "../../src/nn/index.ts";
import { readSafetensors, writeSafetensors } from "../../src/entries/nn.ts";
import { openExperiment, type ConfigInput } from "../../src/entries/node.ts";
import { torchRandom } from "../../src/random/index.ts";

/** A rate that changes no float32 of a weight. */
const still = { optimiser: "sgd", learningRate: 1e-30 } as const;
const small = { threads: 1, dataset: "shapes", limit: 16, batchSize: 4, epochs: 1, latency: false } as const;
const data = shapes({ train: 16, test: 16 });

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "limbeck-starting-weights-"))));
afterAll(() => rm(root, { recursive: true }));

/** A LightNN's file, of other values than seed 42 gives. */
async function fileOf(classNames: readonly string[], name = "LightNN"): Promise<Uint8Array> {
  const engine = referenceEngine();
  const model = createModel(name, { classes: classNames.length });
  for (const [tensor, values] of initialise(model.module, torchRandom(5))) await engine.write(tensor, values);
  return saveModel(model, engine, { dataset: { ...data, name: "zoo", classes: classNames } });
}

const animals = (count: number): string[] => Array.from({ length: count }, (_, i) => `animal ${i}`);
const head = ["classifier.3.weight", "classifier.3.bias"];

/** The tensors of a training that learns nothing: those that it began with. */
async function begunWith(file: Uint8Array, tell: (notes: string[]) => void = () => {}) {
  const [folder, weights] = [await mkdtemp(join(root, "run-")), join(root, `${Math.random()}.safetensors`)];
  await writeFile(weights, file);
  const experiment = await openExperiment("train", { ...small, model: "LightNN", ...still, weights }, { out: folder });
  const notes: string[] = [];
  try {
    for await (const event of experiment.run())
      if (event.kind === "note" && event.about === undefined) notes.push(event.text);
  } finally {
    await experiment.close();
  }
  tell(notes);
  const bytes = await readFile(join(folder, "model/model.safetensors"));
  const record = JSON.parse(await readFile(join(folder, "model/run.json"), "utf8"));
  return { ...readSafetensors(bytes), record, weights };
}

/** What seed 42 gives a LightNN. */
function drawn(): Map<string, Float32Array> {
  const { module } = createModel("LightNN");
  const values = initialise(module, torchRandom(42));
  return new Map([...namedStates(module)].map(([name, tensor]) => [name, values.get(tensor)!]));
}

describe("limbeck train --weights", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["all values, where the file tells the same classes", data.classes, []],
    ["all but a head drawn with the seed, where it tells more", animals(12), head],
    ["all but a head drawn with the seed, where it tells as many others", animals(10), head],
  ])("begins with %s", async (_, classNames, anew) => {
    const file = await fileOf(classNames);
    let notes: readonly string[] = [];
    const { tensors, metadata, record, weights } = await begunWith(file, (found) => (notes = found));
    const [given, own] = [readSafetensors(file).tensors, drawn()];
    for (const [name, { values }] of tensors)
      expect(values, name).toEqual(anew.includes(name) ? own.get(name) : given.get(name)!.values);
    const { made } = JSON.parse(metadata["limbeck"]!);
    const start = { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), taken: 8 - anew.length, drawn: anew };
    expect(made.start).toEqual(start);
    expect(record.start).toEqual({ source: weights, ...start });
    const which =
      anew.length > 0 ? "; classifier.3.weight and classifier.3.bias are drawn with the seed, for other classes" : "";
    expect(notes).toContain(`model starts from ${8 - anew.length} tensors of ${weights}${which}`);
  });

  test("says which prefix it dropped of another's file", async () => {
    const { tensors } = readSafetensors(await fileOf(data.classes));
    const file = writeSafetensors(new Map([...tensors].map(([name, tensor]) => [`module.${name}`, tensor])));
    let notes: readonly string[] = [];
    const begun = await begunWith(file, (found) => (notes = found));
    expect(begun.tensors).toEqual(tensors);
    expect(notes[0]).toMatch(
      /^model starts from 8 tensors of .*; all names there begin with module\., which is dropped$/,
    );
  });

  test("refuses another architecture, and what is left over, before anything is written", async () => {
    await expect(begunWith(await fileOf(data.classes, "resnet8"))).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(/holds resnet8, so LightNN cannot start from it; choose resnet8/),
    });
    const { tensors } = readSafetensors(await fileOf(data.classes));
    tensors.set("extra", { shape: [1], values: new Float32Array(1) });
    await expect(begunWith(writeSafetensors(tensors))).rejects.toMatchObject({
      code: "WEIGHTS",
      message: expect.stringMatching(/\n {2}unexpected: extra \[1\]\n/),
    });
    await expect(begunWith(new TextEncoder().encode("PK\u0003\u0004 data.pkl"))).rejects.toMatchObject({
      code: "WEIGHTS",
      message: expect.stringMatching(/python3 -c/),
    });
  });
});

describe("resumed", () => {
  async function run(folder: string, input: ConfigInput<"distill"> | undefined, stopAfter = Infinity) {
    const stop = new AbortController();
    const experiment = await openExperiment("distill", input, { out: folder, resume: !input, signal: stop.signal });
    try {
      let steps = 0;
      for await (const { kind } of experiment.run()) if (kind === "step" && ++steps === stopAfter) stop.abort();
    } finally {
      await experiment.close();
    }
    return readFile(join(folder, "student/model.safetensors"));
  }

  test("a student that starts from a file ends with the same bits, and another file is refused", async () => {
    const [teacher, weights] = [join(root, "teacher.safetensors"), join(root, "first.safetensors")];
    await writeFile(teacher, await fileOf(data.classes));
    const first = await fileOf(animals(3));
    await writeFile(weights, first);
    const input = { ...small, student: "LightNN", teacher, weights, baseline: false, force: true };
    const whole = await run(join(root, "whole"), input);
    await expect(run(join(root, "halves"), input, 2)).rejects.toMatchObject({ code: "ABORTED" });
    await writeFile(weights, await fileOf(animals(4)));
    await expect(run(join(root, "halves"), undefined)).rejects.toMatchObject({ code: "CHECKSUM" });
    await writeFile(weights, first);
    expect(await run(join(root, "halves"), undefined)).toEqual(whole);
    await rm(weights);
    expect(await run(join(root, "halves"), undefined)).toEqual(whole);
  });
});

describe("a trainer", () => {
  const trainer = (dataset: Dataset = data) =>
    createTrainer({ dataset, engine: referenceEngine(), batchSize: 4, epochs: 1, ...still });

  test("takes bytes, a loaded network, that network itself, or one of its own", async () => {
    const file = await fileOf(animals(12));
    const own = await trainer();
    const values = async (of: Awaited<ReturnType<typeof own.train>>) => readSafetensors(await own.save(of)).tensors;
    const fromBytes = await own.train("LightNN", { weights: file });
    const expected = await values(fromBytes);
    const given = readSafetensors(file).tensors;
    for (const [name, { values }] of expected)
      expect(values, name).toEqual(head.includes(name) ? drawn().get(name) : given.get(name)!.values);
    const elsewhere = await loadModel(file, referenceEngine());
    expect(await values(await own.train("LightNN", { weights: elsewhere }))).toEqual(expected);
    const same = await loadModel(await fileOf(data.classes), own.engine);
    const before = await values(same);
    expect(await values(await own.train(same, { weights: same }))).toEqual(before);
    expect(await values(await own.distill("LightNN", { weights: fromBytes, teacher: same, force: true }))).toEqual(
      expected,
    );
    const { made } = JSON.parse(readSafetensors(await own.save(fromBytes)).metadata["limbeck"]!);
    expect(made.start).toMatchObject({ taken: 6, drawn: head });
  });

  test("refuses a model that would lose its values, and one that has none to give", async () => {
    const own = await trainer();
    const loses = {
      code: "ARGUMENT",
      message: expect.stringMatching(/LightNN has values.*give it as \{ weights \} too/),
    };
    const loaded = await loadModel(await fileOf(data.classes), own.engine);
    await expect(own.train(loaded)).rejects.toMatchObject(loses);
    const elsewhere = await loadModel(await fileOf(data.classes), referenceEngine());
    await expect(own.train(elsewhere)).rejects.toMatchObject(loses);
    const trained = await own.train("LightNN");
    await expect(own.train(trained)).rejects.toMatchObject(loses);
    await expect(own.distill(trained, { teacher: loaded, force: true })).rejects.toMatchObject(loses);
    await expect(own.train("LightNN", { weights: createModel("LightNN") })).rejects.toMatchObject({ code: "WEIGHTS" });
    await expect(own.train("LightNN", { weights: "first.safetensors" as unknown as Uint8Array })).rejects.toMatchObject(
      {
        code: "ARGUMENT",
        message: expect.stringMatching(/weights/),
      },
    );
  });
});
