/**
 * @file The networks of the reference benchmark against PyTorch: sizes, features, and for some of them logits in both modes,
 * every gradient, and the running statistics after a training batch. Figures and the script that made them: test/golden.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { crossEntropy } from "../../src/distill/losses/basic.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { createModel, models } from "../../src/models/index.ts";
import { countParameters, initialise, namedBuffers, namedParameters, record, type Module } from "../../src/nn/index.ts";
import { torchRandom, type Random } from "../../src/random/index.ts";
import { gradients, input, type Tensor } from "../../src/tensor/index.ts";
import sizes from "../golden/sizes.json" with { type: "json" };

interface Size {
  readonly parameters: number;
  readonly tensors: number;
  readonly featureShapes: readonly (readonly number[])[];
}

/** Of one array of PyTorch's, in float64. */
interface Figures {
  /** The largest entry; of a gradient at least a thousandth of the largest of all. */
  readonly size: number;
  readonly norm: number;
  /** How far PyTorch's own float32 is from it, relative to `size`. */
  readonly rounding: number;
  /** The first, and from there each that comes `every` entries later. */
  readonly values: readonly number[];
  readonly every: number;
}

interface Golden {
  readonly seed: number;
  readonly labels: readonly number[];
  readonly figures: Readonly<Record<string, Figures>>;
}

const described = Object.entries<Size>(sizes);

test("the sizes are those of every network but the tutorial's own, airbench's and torchvision's", () => {
  const airbench = ["airbench94", "airbench93", "airbench_small"];
  const own = new Set([...airbench, "DeepNN", "LightNN", "resnet18", "resnet34", "resnet50", "mobilenet_v2"]);
  expect(new Set(described.map(([name]) => name))).toEqual(
    new Set(Object.keys(models).filter((name) => !own.has(name))),
  );
});

describe("with 100 classes", () => {
  test.each(described)("%s has PyTorch's number of parameters, in as many tensors", (name, { parameters, tensors }) => {
    const { module } = createModel(name, { classes: 100 });
    expect([countParameters(module), namedParameters(module).size]).toEqual([parameters, tensors]);
  });

  test.each(described)("%s hands methods features of PyTorch's shapes", (name, { featureShapes }) => {
    const { module, features } = createModel(name, { classes: 100 });
    const { outputs } = record(module, input("x", [1, 3, 32, 32]), { training: false });
    const shapes = (kind: "output" | "preActivation") =>
      features!.map((place) => outputs.get(place[kind])!.shape.slice(1));
    expect(shapes("output")).toEqual(featureShapes);
    expect(shapes("preActivation")).toEqual(featureShapes);
  });
});

describe.each(["resnet8", "wrn_16_1", "MobileNetV2", "ShuffleV1"])(
  "%s computes what PyTorch does",
  (name) => {
    const golden: Golden = JSON.parse(
      readFileSync(new URL(`../golden/networks/${name}.json`, import.meta.url), "utf8"),
    );
    const figures = Object.entries(golden.figures);
    let exact: ReadonlyMap<string, Float32Array>;
    beforeAll(
      async () => void (exact = await computed(name, golden, referenceEngine({ precision: "float64" }))),
      240_000,
    );

    test("in float64: logits, loss, every gradient and statistic", () => {
      expect([...exact.keys()].sort()).toEqual(Object.keys(golden.figures).sort());
      for (const [path, { size, norm, values, every }] of figures) {
        const got = exact.get(path)!;
        const sampled = got.filter((_, i) => i % every === 0);
        expect(farthest(sampled, values) / size, `${path}, relative to its largest entry`).toBeLessThan(1e-6);
        const gotNorm = Math.sqrt(got.reduce((total, value) => total + value * value, 0));
        expect(Math.abs(gotNorm - norm) / Math.max(norm, size), `norm of ${path}`).toBeLessThan(1e-6);
      }
    });

    test.each<[string, () => Engine | Promise<Engine>]>([
      ["reference", () => referenceEngine()],
      ["wasm, 2 threads", () => wasmEngine({ threads: 2 })],
    ])("in float32 as closely as PyTorch itself: %s", async (_, open) => {
      const got = await computed(name, golden, await open());
      for (const [path, { size, rounding }] of figures) {
        const off = farthest(got.get(path)!, exact.get(path)!) / size;
        expect(off, `${path}, relative to its largest entry`).toBeLessThan(Math.max(4 * rounding, 1e-5));
      }
    });
  },
  240_000,
);

/** What PyTorch's script computes of a network, under the same names. Closes the engine. */
async function computed(name: string, { seed, labels }: Golden, engine: Engine): Promise<Map<string, Float32Array>> {
  const model = createModel(name);
  const random = torchRandom(seed);
  const initial = initialise(model.module, random);
  const x = input("images", [labels.length, ...model.inputShape]);
  const images = random.normal(x.size, 0, 1);
  for (const [tensor, values] of [...initial, ...normValues(model.module, random)]) await engine.write(tensor, values);
  const { output: evalLogits } = record(model.module, x, { training: false });
  const evaluation = await engine.compile({ outputs: { evalLogits }, updates: [] });
  const evaluated = await evaluation.run({ images });
  const { output: trainLogits, updates } = record(model.module, x, { training: true });
  const loss = crossEntropy(trainLogits, input("labels", [labels.length], "int32"));
  const parameters = [...namedParameters(model.module)];
  const slopes = gradients(
    loss,
    parameters.map(([, { tensor }]) => tensor),
  );
  const named = Object.fromEntries(parameters.map(([path], i): [string, Tensor] => [`grad.${path}`, slopes[i]!]));
  const step = await engine.compile({
    outputs: { ...named, trainLogits, loss },
    updates: Array.from(updates, ([state, value]) => ({ state, value })),
  });
  const trained = await step.run({ images, labels: Int32Array.from(labels) });
  const results = new Map(Object.entries({ ...evaluated, ...trained }));
  for (const [path, { tensor }] of namedBuffers(model.module)) results.set(`after.${path}`, await engine.read(tensor));
  await engine.close();
  return results;
}

/** Statistics, weights and biases of each batch norm, drawn so that each matters. */
function* normValues(module: Module, random: Random): Generator<readonly [Tensor, Float32Array]> {
  const parameters = namedParameters(module);
  const buffers = namedBuffers(module);
  for (const [path, { tensor: mean }] of buffers) {
    const norm = /^(.*)\.running_mean$/.exec(path)?.[1];
    if (norm === undefined) continue;
    yield [mean, random.normal(mean.size, 0, 0.1)];
    yield [buffers.get(`${norm}.running_var`)!.tensor, random.uniform(mean.size, 0.5, 1.5)];
    yield [parameters.get(`${norm}.weight`)!.tensor, random.uniform(mean.size, 0.5, 1.5)];
    yield [parameters.get(`${norm}.bias`)!.tensor, random.normal(mean.size, 0, 0.1)];
  }
}

/** The largest difference between two arrays of one length. */
function farthest(a: Float32Array, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
