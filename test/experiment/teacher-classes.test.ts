/** @file Teachers whose classes are not those of the data set, or in another order: taken by name, or teaching by their features. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  createModel,
  createTrainer,
  loadModel,
  saveModel,
  shapes,
  wasmEngine,
  type Model,
  type Trainer,
} from "../../src/entries/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { readSafetensors, writeSafetensors } from "../../src/entries/nn.ts";
import { openExperiment, type ConfigInput } from "../../src/entries/node.ts";
import { torchRandom } from "../../src/random/index.ts";

const data = shapes({ train: 12, test: 8 });
const ours = data.classes;
const small = {
  threads: 1,
  dataset: "shapes",
  limit: 12,
  batchSize: 4,
  epochs: 1,
  student: "resnet8",
  baseline: false,
  latency: false,
} as const;
const reversed = ours.toReversed();
const animals = (count: number): string[] => Array.from({ length: count }, (_, i) => `animal ${i}`);

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "limbeck-teacher-classes-"))));
afterAll(() => rm(root, { recursive: true }));

/** A resnet8's file; without metadata, as another program writes it, where it names no classes. */
async function saved(classNames: readonly string[], { isNamed = true } = {}): Promise<string> {
  const engine = referenceEngine();
  const model = createModel("resnet8", { classes: classNames.length });
  for (const [tensor, values] of initialise(model.module, torchRandom(5))) await engine.write(tensor, values);
  const bytes = await saveModel(model, engine, { dataset: { ...data, name: "zoo", classes: classNames } });
  const file = join(root, `${Math.random()}.safetensors`);
  await writeFile(file, isNamed ? bytes : writeSafetensors(readSafetensors(bytes).tensors));
  return file;
}

async function distilled(
  input: Partial<ConfigInput<"distill">> & { readonly teacher: string | readonly string[] },
  { out = join(root, String(Math.random())), resume = false, stopAfter = Infinity } = {},
) {
  const stop = new AbortController();
  const given = { ...small, ...input } as ConfigInput<"distill">;
  const experiment = await openExperiment("distill", resume ? undefined : given, { out, resume, signal: stop.signal });
  const [notes, runs]: string[][] = [[], []];
  try {
    let steps = 0;
    for await (const event of experiment.run()) {
      if (event.kind === "note" && event.about === undefined) notes!.push(event.text);
      if (event.kind === "run-end") runs!.push(event.run);
      if (event.kind === "step" && ++steps === stopAfter) stop.abort();
    }
  } finally {
    await experiment.close();
  }
  return { out, notes: notes!, runs: runs!, student: await readFile(join(out, "student/model.safetensors")) };
}

/** The rows of the head that a run's teacher has in the folder, and what its file says of its classes. */
async function copyIn(out: string) {
  const { tensors, metadata } = readSafetensors(await readFile(join(out, "teacher/model.safetensors")));
  return { ...rowsOf(tensors), ...(JSON.parse(metadata["limbeck"]!) as { readonly classNames: readonly string[] }) };
}

function rowsOf(tensors: ReturnType<typeof readSafetensors>["tensors"]) {
  const { shape, values } = tensors.get("fc.weight")!;
  const size = shape[1]!;
  return {
    rows: Array.from({ length: shape[0]! }, (_, i) => values.slice(i * size, (i + 1) * size)),
    biases: [...tensors.get("fc.bias")!.values],
  };
}

describe("classes that are told by name", () => {
  const many = [...animals(4), ...reversed, "animal 9"];
  const renamed = animals(11);
  const labels = Object.fromEntries(ours.map((name, i) => [renamed[10 - i]!, name]));
  const numbers = Object.fromEntries(ours.map((name, i) => [String(2 * i), name]));

  test.each<[string, readonly string[], object, (i: number) => number]>([
    ["in another order", reversed, {}, (i) => 9 - i],
    ["among more", many, {}, (i) => 4 + 9 - i],
    ["under other names, which teacherLabels maps", renamed, { teacherLabels: labels }, (i) => 10 - i],
    ["without names, by their numbers", animals(20), { teacherLabels: numbers, teacherModel: "resnet8" }, (i) => 2 * i],
  ])("%s: the teacher's logits are taken in the data set's order", async (which, classNames, more, columnOf) => {
    const teacher = await saved(classNames, { isNamed: which !== "without names, by their numbers" });
    const { out, notes, student } = await distilled({ teacher, method: "kd", force: true, ...more });
    const [given, copy] = [rowsOf(readSafetensors(await readFile(teacher)).tensors), await copyIn(out)];
    for (const i of ours.keys()) {
      expect(copy.rows[i]).toEqual(given.rows[columnOf(i)]);
      expect(copy.biases[i]).toBe(given.biases[columnOf(i)]);
    }
    expect(copy.rows).toHaveLength(10);
    expect(copy.classNames).toEqual(ours);
    expect(notes).toContainEqual(
      expect.stringMatching(
        /has the 10 classes of shapes among \d+, or in another order: its logits are matched by name$/,
      ),
    );
    // From the copy in the folder, which has them in order.
    expect((await distilled({ teacher }, { out, resume: true })).student).toEqual(student);
  });

  test.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ "anmal 3": "disc" }, /the teacher has no class "anmal 3"; did you mean animal 3\?/],
    [{ "animal 3": "dsc" }, /shapes has no class "dsc"; did you mean disc\?/],
    [{ "animal 3": "disc", "animal 4": "disc" }, /disc should be named once, but two/],
    [
      { "animal 3": "disc" },
      /every class of shapes should be named, but ring, triangle, square, \w+, \w+ and 4 more are not$/,
    ],
  ])("labels %j are refused", async (teacherLabels, message) => {
    const teacher = await saved(animals(11));
    await expect(distilled({ teacher, teacherLabels })).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(message),
    });
  });
});

describe("a teacher of other classes", () => {
  test("teaches by its features, without a test of its own, and resumes to the same bits", async () => {
    const teacher = await saved(animals(12));
    const { notes, runs, student } = await distilled({ teacher, method: "at" });
    expect(runs).toEqual(["student"]);
    expect(notes).toContainEqual(
      expect.stringMatching(
        /the classes of shapes, .* but its classes are those of zoo, .*: it teaches by its features alone, and is not tested$/,
      ),
    );
    const out = join(root, "halves");
    await expect(distilled({ teacher, method: "at" }, { out, stopAfter: 2 })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect((await distilled({ teacher }, { out, resume: true })).student).toEqual(student);
    expect((await distilled({ teacher }, { out, resume: true })).student).toEqual(student);
  });

  test("that its file does not name teaches too, and assistants learn from it first", async () => {
    const teacher = await saved(animals(20), { isNamed: false });
    const settings = { teacher, teacherModel: "resnet8", method: "embed", assistants: ["resnet8"] };
    const { notes, runs } = await distilled({ ...settings, options: { queue: 8, ceWeight: 1 } });
    expect(runs).toEqual(["assistant-1", "student"]);
    expect(notes[0]).toMatch(
      /should hold a network for the 10 classes of shapes, but its 20 classes have no names: it teaches by/,
    );
  });

  test.each([
    ["other names", animals(10), {}],
    ["another number", animals(12), { force: true }],
    ["several teachers", animals(10), { isTwice: true }],
  ])("is refused where the method uses its classifier, with methods that do not: %s", async (_, names, more) => {
    const teacher = await saved(names);
    const { isTwice, ...rest } = { isTwice: false, ...more };
    const refusal = {
      code: "ARGUMENT",
      message: expect.stringMatching(isTwice ? /zoo/ : /\(teacherLabels\).* as kd does \(.*\bat, .*embed\)/),
    };
    await expect(distilled({ teacher: isTwice ? [teacher, teacher] : teacher, ...rest })).rejects.toMatchObject(
      refusal,
    );
  });

  test("of another normalisation is refused by its features too", async () => {
    const teacher = await saved(animals(12));
    const { tensors, metadata } = readSafetensors(await readFile(teacher));
    const said = JSON.parse(metadata["limbeck"]!);
    const other = { ...said, normalisation: { mean: [0.1, 0.1, 0.1], std: [1, 1, 1] } };
    await writeFile(teacher, writeSafetensors(tensors, { ...metadata, limbeck: JSON.stringify(other) }));
    await expect(distilled({ teacher, method: "at" })).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(/images normalised as those of shapes/),
    });
  });
});

describe("a trainer's teacher", () => {
  /** A trainer whose rate changes nothing, and a loaded teacher of these classes. */
  async function given(classNames: readonly string[]) {
    const engine = await wasmEngine({ threads: 1 });
    onTestFinished(() => engine.close());
    const trainer = await createTrainer({ dataset: data, engine, batchSize: 4, epochs: 1 });
    return { trainer, teacher: await loadModel(await readFile(await saved(classNames)), trainer.engine) };
  }
  const tensorsOf = async (trainer: Trainer, model: Model) => readSafetensors(await trainer.save(model)).tensors;

  test("of classes by other names or in another order teaches as one of the data set's", async () => {
    const labels = Object.fromEntries(ours.map((name, i) => [`animal ${9 - i}`, name]));
    const [a, b] = [await given(reversed), await given(animals(10))];
    const byName = await a.trainer.distill("resnet8", { teacher: a.teacher, force: true });
    const settings = { teacher: b.teacher, force: true, teacherLabels: labels };
    const byLabels = await b.trainer.distill("resnet8", settings);
    expect(await tensorsOf(b.trainer, byLabels)).toEqual(await tensorsOf(a.trainer, byName));
    const asItIs = await b.trainer.distill("resnet8", { teacher: b.teacher, force: true });
    expect(await tensorsOf(b.trainer, asItIs)).not.toEqual(await tensorsOf(a.trainer, byName));
  });

  test("that shares its classifier with the student leaves it its rows", async () => {
    const { trainer, teacher } = await given(reversed);
    const student = await trainer.distill("resnet8", { teacher, method: "simkd", force: true });
    const tensors = await tensorsOf(trainer, student);
    const head = (part: string) => tensors.get(`classifier.${part}`)!;
    const { rows } = rowsOf(
      new Map([
        ["fc.weight", head("weight")],
        ["fc.bias", head("bias")],
      ]),
    );
    const theirs = rowsOf(await tensorsOf(trainer, teacher)).rows;
    expect(rows).toEqual(theirs.toReversed());
  });

  test("of other classes teaches by its features, and is refused where they are not enough", async () => {
    const { trainer, teacher } = await given(animals(12));
    await trainer.distill("resnet8", { teacher, method: "at" });
    await expect(trainer.distill("resnet8", { teacher })).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(
        /^the teacher resnet8 should .* \(teacherLabels\).* as kd does \(.*\bat, .*embed\)$/,
      ),
    });
  });
});
