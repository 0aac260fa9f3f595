/** @file Networks saved and loaded with one call each: what comes back predicts the same, and tells what it is. */
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createModel,
  ensemble,
  loadModel,
  saveModel,
  shapes,
  wasmEngine,
  type Engine,
  type Model,
} from "../../src/entries/index.ts";
import { input, referenceEngine } from "../../src/entries/tensor.ts";
import { readSafetensors, torchRandom, writeSafetensors, type StoredTensor } from "../../src/entries/nn.ts";
import * as nn from "../../src/entries/nn.ts";
import { objectiveNamed } from "../../src/entries/methods.ts";
import { learner } from "../../src/entries/training.ts";
import { tried } from "../models/tried.ts";

const engines = { reference: async () => referenceEngine(), wasm: () => wasmEngine({ threads: 1 }) } as const;
type EngineName = keyof typeof engines;

async function open(name: EngineName): Promise<Engine> {
  const engine = await engines[name]();
  onTestFinished(() => engine.close());
  return engine;
}

/** Another value everywhere, in buffers too, so that a forgotten or exchanged one shows; spread as first values are. */
async function draw(model: Model, engine: Engine): Promise<void> {
  let at = 0;
  for (const [path, state] of nn.namedStates(model.module)) {
    const middle = path.endsWith("var") ? 1 : 0;
    const values = new Float32Array(state.size);
    for (let i = 0; i < values.length; i++) values[i] = middle + 0.2 * (((at++ * 0.618034) % 1) - 0.5);
    await engine.write(state, values);
  }
}

async function logits(model: Model, engine: Engine): Promise<Float32Array> {
  const shape = [2, ...model.inputShape];
  const { output } = nn.record(model.module, input("images", shape), { training: false });
  const program = await engine.compile({ outputs: { output }, updates: [] });
  const images = torchRandom(3).normal(
    shape.reduce((all, size) => all * size),
    0,
    1,
  );
  const outputs = await program.run({ images });
  program.close();
  return outputs["output"]!;
}

/** NOTE: an expectation about arrays of a million numbers takes seconds. */
function same(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0;
}

const dataset = shapes({ train: 1, test: 1 });
const small = new Set(["LightNN", "resnet8"]);

describe.each(Object.keys(engines) as EngineName[])("on %s", (name) => {
  test.each(tried)(
    "%s comes back by itself, buffers too",
    async (modelName) => {
      const [first, second] = [await open(name), await open(name)];
      const model = createModel(modelName);
      await draw(model, first);
      const file = await saveModel(model, first, { dataset, made: { method: "ce" } });
      const loaded = await loadModel(file, second);
      expect(loaded).toMatchObject({
        name: modelName,
        classes: 10,
        inputShape: model.inputShape,
        features: model.features,
      });
      const [saved, back] = [nn.namedStates(model.module), nn.namedStates(loaded.module)];
      expect([...back.keys()]).toEqual([...saved.keys()]);
      for (const [path, state] of saved) {
        expect(same(await second.read(back.get(path)!), await first.read(state)), path).toBe(true);
      }
      // Equal values in equal networks give equal logits; shown for the small ones.
      if (!small.has(modelName)) return;
      expect(await logits(loaded, second)).toEqual(await logits(model, first));
    },
    60_000,
  );

  test("an existing model takes the values, whatever made the file", async () => {
    const engine = await open(name);
    const [model, other] = [createModel("resnet8"), createModel("resnet8")];
    await draw(model, engine);
    const { tensors } = readSafetensors(await saveModel(model, engine));
    const loaded = await loadModel(writeSafetensors(tensors, { format: "pt" }), engine, { into: other });
    expect(loaded.module).toBe(other.module);
    expect(loaded.description).toBeUndefined();
    expect(await logits(other, engine)).toEqual(await logits(model, engine));
  });
});

test("the file says what the network is, takes and tells, and the same network gives the same bytes", async () => {
  const engine = await open("reference");
  const model = createModel("LightNN", { dropout: 0.3 });
  await draw(model, engine);
  const file = await saveModel(model, engine, { dataset, made: { method: "kd", options: { temperature: 4 } } });
  const { description, architecture } = await loadModel(file, engine);
  expect(description).toEqual({
    name: "LightNN",
    architecture: { kind: "model", name: "LightNN", classes: 10, inputShape: [3, 32, 32], dropout: 0.3 },
    inputShape: [3, 32, 32],
    classes: 10,
    classNames: dataset.classes,
    dataset: "shapes",
    normalisation: { mean: dataset.mean, std: dataset.std },
    made: { limbeck: expect.stringMatching(/^\d+\.\d+\.\d+/), method: "kd", options: { temperature: 4 } },
  });
  expect(architecture).toEqual(model.architecture);
  const again = await saveModel(model, engine, { dataset, made: { method: "kd", options: { temperature: 4 } } });
  expect(Buffer.compare(again, file)).toBe(0);
});

test("a network with options of its own comes back with them", async () => {
  const options = { widths: [4, 6, 8], activation: "relu" };
  const engine = await engines.wasm();
  const model = createModel("airbench94", { options });
  for (const [tensor, values] of nn.initialise(model.module, torchRandom(1))) await engine.write(tensor, values);
  const loaded = await loadModel(await saveModel(model, engine), engine);
  await engine.close();
  expect(loaded.architecture).toMatchObject({ name: "airbench94", options });
  expect(nn.namedStates(loaded.module).get("4.conv2.weight")!.shape).toEqual([8, 8, 3, 3]);
});

test("a network for other images and classes comes back as it was", async () => {
  const engine = await open("reference");
  const model = createModel("resnet8", { classes: 300, inputShape: [1, 40, 48] });
  await draw(model, engine);
  const loaded = await loadModel(await saveModel(model, engine), engine);
  expect(loaded).toMatchObject({ inputShape: [1, 40, 48], classes: 300 });
  expect(loaded.description).toMatchObject({ inputShape: [1, 40, 48], classes: 300 });
  expect(await logits(loaded, engine)).toEqual(await logits(model, engine));
});

test.each([
  ["several networks as one", () => ensemble([createModel("LightNN"), createModel("resnet8")], [2, 1])],
  [
    "a student with its teacher's classifier",
    () =>
      learner(createModel("resnet8"), objectiveNamed("simkd+kd", { "simkd.reduction": 4 }), createModel("resnet14"))
        .model,
  ],
])("%s come back too", async (_, make) => {
  const engine = await open("wasm");
  const model = make();
  await draw(model, engine);
  const loaded = await loadModel(await saveModel(model, engine), engine);
  expect(loaded.name).toBe(model.name);
  expect(await logits(loaded, engine)).toEqual(await logits(model, engine));
  const again = await loadModel(await saveModel(loaded, engine), engine);
  expect(await logits(again, engine)).toEqual(await logits(model, engine));
});

describe("refuses, with a code", () => {
  /** A file whose description has been changed. */
  async function changed(change: (description: Record<string, unknown>) => unknown): Promise<Uint8Array> {
    const engine = await open("reference");
    const model = createModel("LightNN");
    await draw(model, engine);
    const { tensors, metadata } = readSafetensors(await saveModel(model, engine, { dataset }));
    const description = JSON.parse(metadata["limbeck"]!) as Record<string, unknown>;
    const text = change(description) ?? description;
    return writeSafetensors(tensors, { limbeck: typeof text === "string" ? text : JSON.stringify(text) });
  }
  const table = (more: object) => ({ architecture: { kind: "model", name: "LightNN", classes: 10, ...more } });
  const many = (n: number, member: object) => ({
    kind: "ensemble",
    members: Array(n).fill(member),
    weights: Array(n).fill(1),
  });
  const deep = 20_000;
  const nested = `${'{"architecture":{"kind":"distilled","student":'.repeat(deep)}1${"}}".repeat(deep)}`;

  test.each<[string, RegExp, (description: Record<string, unknown>) => unknown]>([
    ["JSON cut short", /damaged/, (d) => JSON.stringify(d).slice(0, -9)],
    ["nothing", /damaged/, () => "null"],
    ["a list", /damaged/, () => []],
    ["JSON nested without end", /damaged/, () => nested],
    ["a number for a name", /name/, (d) => ({ ...d, name: 5 })],
    ["an unknown key", /nonsense/, (d) => ({ ...d, nonsense: 1 })],
    [
      "an unknown network",
      /cannot be made: unknown model "LihgtNN"; did you mean LightNN/,
      (d) => ({ ...d, ...table({ name: "LihgtNN" }) }),
    ],
    ["a property of every object for a network", /cannot be made/, (d) => ({ ...d, ...table({ name: "toString" }) })],
    ["a name twice", /a key is there twice/, (d) => JSON.stringify(d).replace("{", '{"name":"x",')],
    [
      "ten thousand networks as one",
      /at most 100 networks in all/,
      (d) => ({ ...d, architecture: many(100, many(100, table({}).architecture)) }),
    ],
    ["half a class", /classes/, (d) => ({ ...d, ...table({ classes: 9.5 }) })],
    [
      "other images than its network's",
      /\[1, 32, 32\].*takes \[3, 32, 32\]/,
      (d) => ({ ...d, inputShape: [1, 32, 32], normalisation: undefined }),
    ],
    ["other classes than its network's", /9 classes.*has 10/, (d) => ({ ...d, classes: 9, classNames: undefined })],
    ["images of two sizes", /inputShape/, (d) => ({ ...d, ...table({ inputShape: [3, 32] }) })],
    [
      "images too small for its network",
      /cannot be made: LightNN: images/,
      (d) => ({ ...d, ...table({ inputShape: [3, 32, 3] }) }),
    ],
    ["one class", /cannot be made/, (d) => ({ ...d, ...table({ classes: 1 }) })],
    ["a dropout of 1", /dropout/, (d) => ({ ...d, ...table({ dropout: 1 }) })],
    ["an architecture of no kind", /architecture/, (d) => ({ ...d, architecture: { kind: "other" } })],
    ["too few names of classes", /classNames/, (d) => ({ ...d, classNames: ["a"] })],
    ["a deviation of 0", /std/, (d) => ({ ...d, normalisation: { mean: [0, 0, 0], std: [0, 1, 1] } })],
    ["two means for three channels", /normalisation/, (d) => ({ ...d, normalisation: { mean: [0, 0], std: [1, 1] } })],
    [
      "another network than its weights are of",
      /should hold the 12 tensors of DeepNN/,
      (d) => ({ ...d, ...table({ name: "DeepNN" }) }),
    ],
  ])("%s", async (_, message, change) => {
    const engine = await open("reference");
    const file = await changed(change);
    await expect(loadModel(file, engine, { source: "student.safetensors" })).rejects.toMatchObject({
      code: "WEIGHTS",
      message: expect.stringMatching(message),
    });
    await expect(loadModel(file, engine, { source: "student.safetensors" })).rejects.toThrow(/^student\.safetensors/);
  });

  test("a file that says nothing, where no model is given", async () => {
    const none = new Map<string, StoredTensor>();
    const engine = await open("reference");
    await expect(loadModel(writeSafetensors(none), engine)).rejects.toMatchObject({
      code: "WEIGHTS",
      message: expect.stringContaining("{ into }"),
    });
  });

  test("what a file cannot say", async () => {
    const engine = await open("reference");
    const model = createModel("LightNN", { classes: 3 });
    const refused = (options: object) =>
      expect(saveModel(model, engine, options)).rejects.toMatchObject({ code: "ARGUMENT" });
    await refused({ dataset });
    await refused({ made: { big: 1n } });
    await refused({ made: JSON.parse(`${'{"deep":'.repeat(100)}1${"}".repeat(100)}`) as object });
    await refused({ dataset: { ...dataset, classes: ["a", "b", "c"], mean: [0, 0, Number.NaN] } });
  });
});
