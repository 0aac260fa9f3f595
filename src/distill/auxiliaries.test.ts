/** @file What methods with networks of their own make of two models: connectors, memories, another student; and what they refuse. */
import { describe, expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { createModel } from "../models/index.ts";
import { countParameters, initialise, namedParameters, namedStates } from "../nn/index.ts";
import { sgd } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { trainedParameters } from "../train/states.ts";
import { negativeSampler } from "../train/negatives.ts";
import { learner, type Learner } from "../train/index.ts";
import { trainingStep } from "../train/step.ts";
import { objectiveNamed } from "./index.ts";
import { contrastScores, normalisation } from "./losses/contrast.ts";
import { add, gradients, input, sum, topologicalOrder } from "../tensor/index.ts";

const images = 20;
const learnerOf = (method: string, options: object = {}, student = "resnet8", teacher = "resnet14"): Learner =>
  learner(createModel(student), objectiveNamed(method, { ...options }), createModel(teacher), { images });

test("ickd's connector starts as PyTorch's convolutions do: uniform within 1/√inputs", () => {
  const { module } = learnerOf("ickd", {}, "resnet8", "resnet8x4").auxiliaries["connector"]!;
  const values = [...initialise(module, torchRandom(1))].find(([{ shape }]) => shape.length === 4)![1];
  const largest = Math.max(...values.map(Math.abs));
  expect(values).toHaveLength(64 * 256);
  expect(largest).toBeLessThanOrEqual(1 / 8);
  expect(largest).toBeGreaterThan(0.124);
});

test("each adds the connectors of its paper, counted apart from the student", () => {
  const shapesOf = (method: string, student?: string, teacher?: string) =>
    Object.fromEntries(
      Object.entries(learnerOf(method, {}, student, teacher).auxiliaries).map(([name, { module }]) => [
        name,
        countParameters(module),
      ]),
    );
  // 1x1 between maps of one size, and a norm.
  expect(shapesOf("fitnet")).toEqual({ regressor: 32 * 32 + 32 + 2 * 32 });
  // A transposed 4x4 from 8x8 to 16x16.
  expect(shapesOf("fitnet", "vgg8", "resnet20")).toEqual({ regressor: 256 * 32 * 16 + 32 + 64 });
  expect(shapesOf("srrl", "resnet8", "resnet8x4")).toEqual({ connector: 64 * 256 + 512 });
  // One stage beside the first, compared with the teacher's of its size.
  expect(shapesOf("ofd", "LightNN", "resnet20")).toEqual({ connector1: 16 * 32 + 64 });
  expect(shapesOf("ofd", "resnet8", "resnet8x4")).toEqual({
    connector1: 16 * 64 + 128,
    connector2: 32 * 128 + 256,
    connector3: 64 * 256 + 512,
  });
  expect(shapesOf("vid", "LightNN", "resnet20")).toEqual({ regressor1: 16 * 32 + 2 * 32 * 32, variance1: 32 });
  expect(Object.keys(shapesOf("reviewkd"))).toEqual([
    "reduce1",
    "attend1",
    "expand1",
    "reduce2",
    "attend2",
    "expand2",
    "reduce3",
    "attend3",
    "expand3",
    "reduce4",
    "expand4",
  ]);
  expect(shapesOf("crd")).toEqual({
    studentVector: 64 * 128 + 128,
    teacherVector: 64 * 128 + 128,
    studentMemory: 0,
    teacherMemory: 0,
  });
});

describe("the reused classifier", () => {
  const { model, auxiliaries } = learnerOf("simkd");

  test("is a part of what is trained and shipped, frozen; the student's own is dropped", () => {
    const teacher = createModel("resnet14");
    expect(auxiliaries).toEqual({});
    expect(namedParameters(model.module).has("student.fc.weight")).toBe(false);
    expect(namedStates(model.module).has("student.layer3.0.bn2.running_var")).toBe(true);
    expect(namedParameters(model.module).has("classifier.weight")).toBe(false);
    expect(namedStates(model.module).get("classifier.weight")!.shape).toEqual([10, 64]);
    const projector = 64 * 32 + 32 * 32 * 9 + 32 * 64 + 2 * (32 + 32 + 64);
    expect(countParameters(model.module)).toBe(countParameters(createModel("resnet8").module) - 650 + projector);
    expect(countParameters(teacher.module)).toBeGreaterThan(0);
  });

  test("has places of its own, so that it may teach in turn", () => {
    expect(model.features!.at(-1)!.output).toBe("pooled");
    const next = learner(createModel("resnet8"), objectiveNamed("simkd"), model);
    expect(namedStates(next.model.module).get("classifier.weight")!.shape).toEqual([10, 64]);
    expect(next.objective.name).toBe("simkd");
  });
});

describe.each(["reference", "wasm"])("contrast on the %s engine", (name) => {
  test("moves the rows of a batch's images alone, makes them of length 1, and keeps the first batch's constant", async () => {
    const engine = name === "wasm" ? await wasmEngine({ threads: 2 }) : referenceEngine();
    const contrast = learnerOf("crd", { size: 8, negatives: 6 }, "LightNN", "DeepNN");
    const random = torchRandom(3);
    for (const [tensor, values] of initialise(contrast.model.module, random, Object.values(contrast.auxiliaries)))
      await engine.write(tensor, values);
    const optimiser = sgd({ learningRate: 0.1 }).attach(trainedParameters(contrast));
    const teacherCache = { "pair 1 embedding": { shape: [512], values: new Float32Array(0) } };
    const negatives = negativeSampler(
      { labels: Uint8Array.from({ length: images }, (_, i) => i % 2), count: images },
      6,
    );
    const step = trainingStep(contrast, 4, optimiser, { teacherCache, negatives });
    const program = await engine.compile(step.graph);
    const { rows, normalisation } = contrast.auxiliaries["teacherMemory"]!.module.buffers!;
    const indices = Int32Array.of(3, 17, 0, 9);
    const run = async (): Promise<void> => {
      const inputs: Record<string, Float32Array | Int32Array> = {
        images: random.normal(4 * 3072, 0, 1),
        labels: Int32Array.of(0, 1, 2, 3),
        indices,
        negatives: random.randint(24, 0, images),
        "target pair 1 embedding": random.normal(4 * 512, 0, 1),
      };
      // Scalars of the optimiser, and masks that drop nothing.
      for (const { symbol } of step.inputs)
        inputs[symbol.attributes.name] ??= new Float32Array(symbol.size).fill(symbol.size === 1 ? 0.1 : 1);
      await program.run(inputs);
    };
    const first = await engine.read(rows!.tensor);
    await run();
    const [second, constant] = [await engine.read(rows!.tensor), await engine.read(normalisation!.tensor)];
    for (let row = 0; row < images; row++) {
      const [before, after] = [first, second].map((memory) => [...memory.subarray(row * 8, row * 8 + 8)]);
      if (!indices.includes(row)) expect(after).toEqual(before);
      else {
        expect(after).not.toEqual(before);
        expect(Math.hypot(...after!)).toBeCloseTo(1, 5);
      }
    }
    expect(constant[0]).toBeGreaterThan(0);
    await run();
    expect(await engine.read(normalisation!.tensor)).toEqual(constant);
    await engine.close();
  });

  test("rows that are taken give the scores and slopes that the whole memory gives, finite at any temperature", async () => {
    const engine = name === "wasm" ? await wasmEngine({ threads: 2 }) : referenceEngine();
    const random = torchRandom(5);
    const unit = (x: Float32Array) =>
      x.map((value, i) => value / Math.hypot(...x.subarray(i - (i % 4), i - (i % 4) + 4)));
    const [unitVectors, rows] = [unit(random.normal(8, 0, 1)), unit(random.normal(400, 0, 1))];
    /** Six negatives are fewer than a sixteenth of 100 rows, and more than one of 90. */
    const scored = async (count: number, temperature: number) => {
      const [vectors, memory] = [input("vectors", [2, 4]), input("memory", [count, 4])];
      const [indices, negatives] = [input("indices", [2], "int32"), input("negatives", [2, 6], "int32")];
      const scores = contrastScores({ vectors, memory, indices, negatives, temperature });
      const z = normalisation(scores, input("known", [1]));
      const [slope] = gradients(add(sum(scores.own), sum(scores.others)), [vectors]);
      const graph = { outputs: { others: scores.others, z, slope: slope! }, updates: [] };
      const ops = topologicalOrder([scores.others]).map(({ op }) => op.name);
      const outputs = await (
        await engine.compile(graph)
      ).run({
        vectors: unitVectors,
        memory: rows.subarray(0, count * 4),
        indices: Int32Array.of(7, 80),
        negatives: Int32Array.of(0, 12, 12, 89, 3, 5, 66, 7, 8, 0, 1, 2),
        known: Float32Array.of(0),
      });
      return { outputs, isTaken: ops.includes("indexSelect") };
    };
    const [taken, whole] = [await scored(100, 0.5), await scored(90, 0.5)];
    expect([taken.isTaken, whole.isTaken]).toEqual([true, false]);
    for (const output of ["others", "slope"] as const)
      for (const [i, value] of whole.outputs[output]!.entries())
        expect(taken.outputs[output]![i]).toBeCloseTo(value, 5);
    expect(Number.isFinite((await scored(100, 0.001)).outputs["z"]![0])).toBe(true);
    await engine.close();
  });
});

describe("refused", () => {
  test.each([
    ["ofd", "resnet8", "DeepNN", {}, "ARGUMENT", /batch norm.*features\.7.*VGG/],
    [
      "srrl",
      "resnet8",
      "resnet14",
      { pairs: [{ teacher: "layer3", student: "pooled" }] },
      "ARGUMENT",
      /should be pooled, which its classifier sees, got layer3/,
    ],
    ["simkd", "resnet8", "DeepNN", {}, "SHAPE", /\[1, 512\].*features\.9.*\[1, 32, 8, 8\]/],
    [
      "fitnet",
      "resnet8",
      "resnet14",
      { pairs: [{ teacher: "fc", student: "layer1" }] },
      "SHAPE",
      /\[1, 16, 32, 32\].*\[1, 10\].*pairs/,
    ],
    ["vid", "resnet8", "resnet14", { leastVariance: 6 }, "ARGUMENT", /firstVariance.*larger than leastVariance/],
    [
      "vid",
      "resnet8",
      "resnet14",
      { pairs: [{ teacher: "layer1", student: "layer9" }] },
      "UNKNOWN_NAME",
      /did you mean layer[123]\?/,
    ],
  ])("%s of %s by %s with %j", (method, student, teacher, options, code, message) => {
    const make = () => learnerOf(method, options, student, teacher);
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  test("hints of a map more than twice as large", () => {
    const make = () => learnerOf("fitnet", { pairs: [{ teacher: "relu", student: "layer3" }] });
    expect(make).toThrow(/\[1, 64, 8, 8\].*\[1, 16, 32, 32\].*pairs/);
  });

  test("crd without the number of images", () => {
    const make = () => learner(createModel("resnet8"), objectiveNamed("crd"), createModel("resnet14"));
    expect(make).toThrow(/how many there are.*images: dataset\.train\.count/s);
  });
});

test("defaults are those of the published code", () => {
  const weights = Object.fromEntries(
    ["fitnet", "vid", "ofd", "reviewkd", "crd", "srrl", "simkd"].map((name) => [name, objectiveNamed(name).weights]),
  );
  expect(weights).toEqual({
    fitnet: { hint: 100, ce: 1 },
    vid: { vid: 1, ce: 1 },
    ofd: { feature: 0.001, ce: 1 },
    reviewkd: { review: { value: 1, rampEpochs: 20 }, ce: 1 },
    crd: { crd: 0.8, ce: 1 },
    srrl: { feature: 1, regression: 1, ce: 1 },
    simkd: { map: 1, ce: 0 },
  });
  expect(objectiveNamed("crd").needs).toEqual({ negatives: { count: 16384 }, strongView: false });
});
