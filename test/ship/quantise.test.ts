/** @file Networks in whole numbers: what calibration sees, what quantisation makes of it, and that ONNX Runtime computes the same. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gatherImages, normaliser } from "../../src/data/loader.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { readCifar10 } from "../../src/entries/node.ts";
import { createTrainer, limit, shapes } from "../../src/entries/index.ts";
import type { WasmEngine } from "../../src/engine/wasm/index.ts";
import { fold } from "../../src/inference/fold.ts";
import { layersOf } from "../../src/inference/layers.ts";
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { readNetwork } from "../../src/model-file/index.ts";
import { createModel, models, type Model } from "../../src/models/index.ts";
import {
  batchNorm2d,
  conv2d,
  flatten,
  linear,
  maxPool2d,
  module,
  namedStates,
  relu,
  relu6,
  sequential,
  type Module,
} from "../../src/nn/index.ts";
import { importOnnx } from "../../src/onnx/index.ts";
import { readOnnx } from "../../src/onnx/model-proto.ts";
import { writeOnnx } from "../../src/onnx/write.ts";
import { calibrate, type Calibration } from "../../src/ship/calibrate.ts";
import { exportOnnx } from "../../src/ship/export-onnx.ts";
import { quantisedGraph } from "../../src/ship/onnx/quantised-graph.ts";
import { quantise } from "../../src/ship/quantise.ts";
import type { QuantisedNetwork } from "../../src/engine/int8/network.ts";
import { add, concat, exp, flatten as flat, mul } from "../../src/tensor/index.ts";
import { drawn } from "../inference/drawn.ts";
import { describeWithPhotographs, photographs } from "../photographs.ts";
import { randomBuilder, type Builder } from "./builder.ts";
import { exact } from "./exact.ts";
import { engineLogits, oneThread, runtimeLogits } from "./written.ts";

const dataset = shapes({ train: 512, test: 500 });

let engine: WasmEngine;
let folder: string;
beforeAll(async () => {
  engine = await oneThread();
  folder = await mkdtemp(join(tmpdir(), "limbeck-quantise-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** Normalised test images. */
function imagesOf({ test: split, ...rest }: Dataset, count: number): Float32Array {
  const images = new Float32Array(count * 3072);
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  gatherImages(split, rest.shape, normaliser(rest), indices, { from: 0, to: count }, images);
  return images;
}

/** The largest difference in steps of the 255th of what the logits span. */
function steps(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  const span = Math.max(...values) - Math.min(...values);
  return Math.max(...values.map((value, i) => Math.abs(got[i]! - value))) / (span / 255);
}

const own = (module: Module, classes = 4): Model => ({ name: "own", module, inputShape: [3, 32, 32], classes });

describe("calibration", () => {
  const network = drawn(
    own(sequential({ conv: conv2d(3, 4, 3), bn: batchNorm2d(4), relu: relu(), flat: flatten(), fc: linear(3600, 4) })),
  );
  const layers = ["images", "conv", "reshape", "fc"];

  /** What the layers give for these training images. */
  async function seen(indices: readonly number[]): Promise<readonly Float32Array[]> {
    const { model, values } = fold(network);
    for (const [tensor, each] of values) await engine.write(tensor, each);
    const { layers: drafts } = layersOf(model, indices.length);
    const outputs = Object.fromEntries(drafts.map(({ result }, i) => [String(i), result]));
    const program = await engine.compile({ outputs, updates: [] });
    const given = new Float32Array(indices.length * 3072);
    gatherImages(dataset.train, dataset.shape, normaliser(dataset), indices, { from: 0, to: indices.length }, given);
    const found = await program.run({ images: given });
    program.close();
    return drafts.map((_, i) => found[String(i)]!);
  }

  test("each layer's least and largest number, on images spread over the split", async () => {
    const calibration = await calibrate(network, { engine, dataset, count: 40 });
    expect(calibration.images).toBe(40);
    const results = await seen(Array.from({ length: 40 }, (_, i) => Math.floor((i * 512) / 40)));
    expect(calibration.ranges).toEqual(
      results.map((numbers, i) => ({
        layer: layers[i],
        least: expect.closeTo(
          numbers.reduce((a, b) => Math.min(a, b)),
          4,
        ),
        most: expect.closeTo(
          numbers.reduce((a, b) => Math.max(a, b)),
          4,
        ),
      })),
    );
    expect(calibration.ranges[1]!.least).toBe(0);
  });

  test("a percentile leaves out what is larger than so many of the numbers", async () => {
    const calibration = await calibrate(network, { engine, dataset, count: 8, method: "percentile", percentile: 99 });
    const results = await seen(Array.from({ length: 8 }, (_, i) => i * 64));
    for (const [i, numbers] of results.entries()) {
      const sizes = numbers.map(Math.abs).sort();
      const size = sizes[Math.ceil(sizes.length * 0.99) - 1]!;
      const { least, most } = calibration.ranges[i]!;
      expect(Math.abs(Math.max(-least, most) - size)).toBeLessThan(sizes.at(-1)! / 4096);
    }
  });

  test("all images, where there are fewer than asked for; nothing stays in the engine", async () => {
    const few = { ...dataset, train: limit(dataset, 3).train };
    expect((await calibrate(network, { engine, dataset: few })).images).toBe(3);
    const { values } = fold(network);
    await expect(engine.free(values.keys())).resolves.toBeUndefined();
  });

  test.each<[string, object, RegExp]>([
    ["no image", { count: 0 }, /^calibrate: count should be a whole number from 1, got 0$/],
    [
      "half of the numbers",
      { method: "percentile", percentile: 50 },
      /percentile should be above 50 and at most 100, got 50/,
    ],
    ["another method", { method: "entropy" }, /^unknown method of calibration "entropy"/],
    [
      "images of another size",
      { dataset: { ...dataset, shape: [3, 16, 64] } },
      /takes images of \[3, 32, 32\], but the data set's are \[3, 16, 64\]/,
    ],
  ])("%s is refused", async (_, options, message) => {
    await expect(calibrate(network, { engine, dataset, ...options })).rejects.toThrow(message);
  });

  test("a layer whose numbers are not finite is named", async () => {
    const damaged = drawn(network.model);
    damaged.values.get(namedStates(network.model.module).get("fc.bias")!)![2] = NaN;
    await expect(calibrate(damaged, { engine, dataset, count: 4 })).rejects.toThrow(
      /^calibrate: fc of own gives numbers that are not finite/,
    );
  });
});

describe("quantisation", () => {
  const rangesOf = (network: NetworkWithValues, range = { least: -2, most: 6 }): Calibration => {
    const { model } = fold(network);
    return {
      images: 1,
      ranges: layersOf(model).layers.map(({ name, result }) => ({
        layer: name,
        ...range,
        ...(["relu", "clamp"].includes(result.op.name) && { least: Math.min(0, range.most) }),
      })),
    };
  };

  test("a range is stretched to hold 0, and 0 is a whole number", () => {
    const network = drawn(
      own(sequential({ conv: conv2d(3, 4, 3), relu: relu(), pool: maxPool2d(30), flat: flatten(), fc: linear(4, 4) })),
    );
    const { layers } = quantise(network, rangesOf(network));
    expect(layers.map(({ kind }) => kind)).toEqual(["images", "conv2d", "maxPool2d", "flatten", "linear"]);
    expect(layers[0].quantisation).toEqual({ scale: Math.fround(8 / 255), zero: 64 });
    expect(layers[1]!.quantisation).toEqual({ scale: Math.fround(6 / 255), zero: 0 });
    expect(layers.slice(2).map(({ quantisation }) => quantisation)).toEqual(
      [1, 1, 1].map((at) => layers[at]!.quantisation),
    );
    const positive = quantise(network, rangesOf(network, { least: 1, most: 5.1 }), { top: 127 }).layers[0].quantisation;
    expect(positive).toEqual({ scale: Math.fround(5.1 / 127), zero: 0 });
    const negative = quantise(network, rangesOf(network, { least: -5.1, most: -1 })).layers[0].quantisation;
    expect(negative).toEqual({ scale: Math.fround(5.1 / 255), zero: 255 });
  });

  test("weights are scaled by each output's largest, biases by the sum's scale", () => {
    const network = drawn(own(sequential({ conv: conv2d(3, 4, 3), flat: flatten(), fc: linear(3600, 4) })));
    const of = (path: string): Float32Array => network.values.get(namedStates(network.model.module).get(path)!)!;
    of("fc.weight").fill(0, 3600, 7200);
    const { layers } = quantise(network, rangesOf(network));
    const fc = layers[3]!;
    if (fc.kind !== "linear") throw new Error(fc.kind);
    const { scale } = layers[2]!.quantisation;
    for (let o = 0; o < 4; o++) {
      const own = of("fc.weight").subarray(o * 3600, (o + 1) * 3600);
      const largest = own.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
      const whole = fc.weights.subarray(o * 3600, (o + 1) * 3600);
      expect(whole.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)).toBe(o === 1 ? 0 : 64);
      const step = fc.weightScales[o]!;
      if (o !== 1) expect(step).toBe(Math.fround(largest / 64));
      for (const [i, weight] of own.entries())
        expect(Math.abs(weight - whole[i]! * step)).toBeLessThanOrEqual(step * 0.50001);
      expect(Math.abs(of("fc.bias")[o]! - fc.bias[o]! * scale * step)).toBeLessThanOrEqual(scale * step);
      expect(Math.abs(fc.bias[o]!)).toBeLessThanOrEqual(2 ** 30 + 64);
    }
  });

  test("an activation is in the layer before it, unless that has other readers", () => {
    const branching = module({
      children: { conv: conv2d(3, 4, 1), six: relu6(), last: linear(4096, 4) },
      forward(x, { conv, six, last }) {
        const y = conv(x);
        return last(flat(add(six(y), y)));
      },
    });
    const network = drawn(own(branching));
    const { layers } = quantise(network, rangesOf(network));
    expect(layers.map(({ kind }) => kind)).toEqual(["images", "conv2d", "perChannel", "add", "flatten", "linear"]);
    expect(layers[2]).toMatchObject({
      multiply: new Float32Array(4).fill(1),
      add: new Float32Array(4),
      quantisation: { zero: 0 },
    });
    const alone = drawn(
      own(sequential({ conv: conv2d(3, 4, 1), six: relu6(), flat: flatten(), last: linear(4096, 4), end: relu() })),
    );
    expect(quantise(alone, rangesOf(alone)).layers.map(({ kind }) => kind)).toEqual([
      "images",
      "conv2d",
      "flatten",
      "linear",
      "perChannel",
    ]);
  });

  test("what is added after an activation is added after it", () => {
    const shifted = module({
      children: { conv: conv2d(3, 4, 1), six: relu6(), last: linear(4096, 4) },
      forward(x, { conv, six, last }) {
        const y = conv(x);
        return last(flat(add(add(six(mul(y, 2)), 0.25), y)));
      },
    });
    const network = drawn(own(shifted));
    const { layers } = quantise(network, rangesOf(network));
    const kinds = ["images", "conv2d", "perChannel", "perChannel", "add", "flatten", "linear"];
    expect(layers.map(({ kind }) => kind)).toEqual(kinds);
    expect(layers[2]).toMatchObject({ multiply: new Float32Array(4).fill(2), add: new Float32Array(4) });
    expect(layers[3]).toMatchObject({ multiply: new Float32Array(4).fill(1), add: new Float32Array(4).fill(0.25) });
  });

  test("a concatenation gives its quantisation to inputs that nothing else takes", () => {
    const joined = module({
      children: { a: conv2d(3, 4, 1), b: conv2d(3, 4, 1), last: linear(20 * 1024, 4) },
      forward(x, { a, b, last }) {
        const [y, z] = [a(x), b(x)];
        return last(flat(concat([concat([y, z], 1), add(z, z), z, concat([add(y, y)], 1)], 1)));
      },
    });
    const network = drawn(own(joined));
    const { ranges } = rangesOf(network);
    const calibration = { images: 1, ranges: ranges.map((range, i) => ({ ...range, most: 6 + i })) };
    const { layers } = quantise(network, calibration);
    const shared = layers.flatMap((layer, i) =>
      layer.quantisation === layers.findLast(({ kind }) => kind === "concat")!.quantisation
        ? [`${layer.kind} ${i}`]
        : [],
    );
    expect(layers.flatMap(({ kind, inputs }, i) => (kind === "concat" ? [`${i}: ${inputs.join(" ")}`] : []))).toEqual([
      "3: 1 2",
      "6: 5",
      "7: 3 4 2 6",
    ]);
    expect(shared).toEqual(["concat 3", "add 4", "add 5", "concat 6", "concat 7", "flatten 8", "linear 9"]);
  });

  test("but not to an activation that its ends would undo: one from 0 where it goes below, or with a bound above", () => {
    const joined = (isBelow: boolean) =>
      module({
        children: {
          a: conv2d(3, 4, 1),
          b: conv2d(3, 4, 1),
          c: conv2d(3, 4, 1),
          relu: relu(),
          six: relu6(),
          last: linear(12 * 1024, 4),
        },
        forward: (x, { a, b, c, relu, six, last }) =>
          last(flat(concat([relu(a(x)), six(b(x)), isBelow ? c(x) : relu(c(x))], 1))),
      });
    const owners = (isBelow: boolean): readonly number[] => {
      const { layers, ranged } = layersOf(fold(drawn(own(joined(isBelow)))).model);
      return layers.map(({ range }) => layers.indexOf(ranged[range]!));
    };
    // images, three convolutions, the concatenation, flatten, linear.
    expect(owners(false)).toEqual([0, 4, 2, 4, 4, 4, 4]);
    expect(owners(true)).toEqual([0, 1, 2, 4, 4, 4, 4]);
  });

  test.each(Object.keys(models))("%s has layers of no other kind", (name) => {
    // Whole numbers have no GELU.
    const own = name.startsWith("airbench") && { options: { activation: "relu" } };
    const { model } = fold(drawn(createModel(name, { inputShape: [3, 32, 32], dropout: 0, ...own })));
    const { layers } = layersOf(model, 2);
    expect([layers[0]!.kind, layers.at(-1)!.kind]).toEqual(["images", "linear"]);
    expect(
      layers.filter(
        ({ kind, inputs }, i) => inputs.some((at) => at >= i) || (kind !== "images" && inputs.length === 0),
      ),
    ).toEqual([]);
  });

  test("what cannot be computed in whole numbers is named", () => {
    const network = drawn(own({ children: { fc: linear(3072, 4) }, forward: (x, { fc }) => fc!(flat(exp(x))) }));
    expect(() => quantise(network, { images: 1, ranges: [] })).toThrow(
      /^own cannot be computed in whole numbers: exp of \[1, 3, 32, 32\] is none of conv2d, linear, add/,
    );
  });

  test("another network's calibration, a top that is none, and weights that are no numbers are refused", () => {
    const network = drawn(createModel("LightNN"));
    const calibration = rangesOf(network);
    const other = { ...calibration, ranges: calibration.ranges.slice(1) };
    expect(() => quantise(network, other)).toThrow(
      /^quantise: the calibration should have a range for layer images of LightNN, got features\.0 from 0 to 6; calibrate this network$/,
    );
    expect(() => quantise(network, { images: 1, ranges: [] })).toThrow(/layer images of LightNN, got none/);
    expect(() => quantise(network, calibration, { top: 200 as never })).toThrow(
      "quantise: top should be 255 or 127, got 200",
    );
    expect(() => exportOnnx(network, { precision: "int8" })).toThrow(
      /^exportOnnx: int8 needs the ranges of the network's layers; give/,
    );
    const [first] = network.values.values();
    first![0] = Infinity;
    expect(() => quantise(network, calibration)).toThrow(/^features\.0 has weights that are not finite/);
  });
});

describe("as ONNX", () => {
  const fileOf = (network: QuantisedNetwork): Uint8Array => writeOnnx({ ...quantisedGraph(network), metadata: {} });

  /** Both ways of ONNX Runtime's: fused to whole numbers, and node by node in floats. */
  async function bothRuns(network: QuantisedNetwork, image: Float32Array): Promise<readonly Float32Array[]> {
    const { shape } = network.layers[0];
    const bytes = fileOf(network);
    return [
      await runtimeLogits(bytes, image, shape),
      await runtimeLogits(bytes, image, shape, { graphOptimizationLevel: "disabled" }),
    ];
  }

  const adding: Readonly<Record<string, (b: Builder) => number>> = {
    images: () => 0,
    conv2d: (b) =>
      b.conv(0, {
        outputs: 1 + b.draws.below(9),
        kernel: [1 + b.draws.below(3), 1 + b.draws.below(3)],
        padding: [b.draws.below(2), b.draws.below(3)],
        stride: [1 + b.draws.below(2), 1 + b.draws.below(3)],
      }),
    "conv2d with dilation": (b) => b.conv(0, { outputs: 3, kernel: [2, 2], dilation: [2, 1], padding: [1, 0] }),
    "conv2d in groups": (b) =>
      b.conv(b.conv(0, { outputs: 6, kernel: [1, 1] }), { outputs: 9, groups: 3, padding: [1, 1] }),
    depthwise: (b) => b.depthwise(0, { padding: [1, 1], stride: [2, 1] }),
    linear: (b) => b.linear(b.flatten(0), 7),
    "linear in between": (b) => b.perChannel(b.linear(b.flatten(0), 7)),
    add: (b) => b.add(0, b.depthwise(0, { padding: [1, 1] })),
    perChannel: (b) => b.perChannel(0),
    maxPool2d: (b) => b.pool("maxPool2d", 0, { kernel: [2, 3], stride: [1, 2], padding: [1, 1] }),
    avgPool2d: (b) => b.pool("avgPool2d", 0, { kernel: [3, 3], stride: [2, 2], padding: [1, 1] }),
    "the mean of a map": (b) => b.pool("avgPool2d", 0, { kernel: b.shapeOf(0).slice(1) as [number, number] }),
    concat: (b) => b.concat([0, b.depthwise(0, { padding: [1, 1] }), 0]),
    "concat of the same quantisation": (b) => b.concat([0, 0], { joined: true }),
    slice: (b) => b.slice(b.conv(0, { outputs: 5, kernel: [1, 1] }), 1, 4),
    channelShuffle: (b) => b.channelShuffle(b.conv(0, { outputs: 6, kernel: [1, 1] }), 3),
    flatten: (b) => b.flatten(0),
  };

  test.each(Object.entries(adding))(
    "%s: within a step of float64, for random sizes, numbers and extremes",
    async (name, adds) => {
      for (let i = 0; i < 6; i++) {
        const builder = randomBuilder(`${name} ${i}`, 255);
        adds(builder);
        const { network } = builder;
        const image = builder.image();
        const expected = exact(network, image).at(-1)!;
        const last = network.layers.at(-1)!;
        const step = last.kind === "linear" ? last.quantisation.scale : last.quantisation.scale * 1.001;
        for (const got of await bothRuns(network, image)) {
          expect(got.length).toBe(expected.length);
          expect(Math.max(...expected.map((value, at) => Math.abs(value - got[at]!)))).toBeLessThanOrEqual(step);
        }
      }
    },
  );

  const whole = ["LightNN", "resnet8", "wrn_16_1", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2", "resnet18"];

  test.each(whole)(
    "%s: computed in whole numbers alone, its logits within a few steps",
    { timeout: 60_000 },
    async (name) => {
      // Of equally near numbers ONNX Runtime rounds to another one than it does node by node, which adds up in deep networks.
      const most = /MobileNet|Shuffle/.test(name) ? 12 : 3;
      const network = drawn(createModel(name, { inputShape: [3, 32, 32] }));
      const calibration = await calibrate(network, { engine, dataset, count: 32 });
      const bytes = exportOnnx(network, { precision: "int8", calibration });
      expect(bytes.length / exportOnnx(network).length).toBeLessThan(0.33);
      const optimizedModelFilePath = join(folder, `${name}.onnx`);
      const images = imagesOf(dataset, 4);
      const fused = await runtimeLogits(bytes, images, [3, 32, 32], { optimizedModelFilePath });
      const operators = new Set(readOnnx(await readFile(optimizedModelFilePath)).nodes.map(({ op }) => op));
      for (const inFloats of ["Conv", "Gemm", "Add", "Concat", "GlobalAveragePool", "AveragePool", "DequantizeLinear"])
        expect(operators).not.toContain(inFloats);
      expect(operators).toContain("QLinearConv");
      const plain = await runtimeLogits(bytes, images, [3, 32, 32], { graphOptimizationLevel: "disabled" });
      expect(steps(fused, plain)).toBeLessThan(most);
      const first = exact(quantise(network, calibration), images.subarray(0, 3072)).at(-1)!;
      expect(steps(fused.subarray(0, 10), first)).toBeLessThan(most);
    },
  );

  test.each(["LightNN", "resnet8", "wrn_16_1", "ShuffleV2"])(
    "%s is imported again, and gives what ONNX Runtime gives",
    async (name) => {
      const network = drawn(createModel(name));
      const calibration = await calibrate(network, { engine, dataset, count: 16 });
      const bytes = exportOnnx(network, { precision: "int8", calibration });
      const images = imagesOf(dataset, 3);
      const imported = importOnnx(bytes);
      expect(imported.model.features?.length).toBeGreaterThan(1);
      const got = await engineLogits(engine, imported, images);
      const plain = await runtimeLogits(bytes, images, [3, 32, 32], { graphOptimizationLevel: "disabled" });
      expect(steps(got, plain)).toBeLessThan(name === "ShuffleV2" ? 8 : 2);
    },
  );

  test("one with a description is read as it was written", async () => {
    const network = drawn(createModel("LightNN", { classes: 2 }));
    const calibration = await calibrate(network, { engine, dataset, count: 8 });
    const { metadata } = readOnnx(
      exportOnnx(network, { precision: "int8", calibration, description: { classNames: ["a", "b"] } }),
    );
    expect(metadata.get("classes")).toBe('["a","b"]');
  });
});

/** How many percent of the test images a file's logits tell right. */
async function accuracies(network: NetworkWithValues, data: Dataset): Promise<Record<string, number>> {
  const calibration = await calibrate(network, { engine, dataset: data });
  const files = {
    float32: exportOnnx(network),
    int8: exportOnnx(network, { precision: "int8", calibration }),
  };
  const count = data.test.count;
  const images = imagesOf(data, count);
  const found = Object.entries(files).map(async ([name, bytes]) => {
    const logits = await runtimeLogits(bytes, images, [3, 32, 32]);
    const right = Array.from({ length: count }, (_, i) => {
      const own = logits.subarray(i * 10, (i + 1) * 10);
      return own.indexOf(Math.max(...own)) === data.test.labels[i];
    });
    return [name, (right.filter(Boolean).length / count) * 100] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

async function trained(name: string, data: Dataset, epochs: number): Promise<NetworkWithValues> {
  const trainer = await createTrainer({ dataset: data, engine, epochs, seed: 1 });
  return readNetwork(await trainer.save(await trainer.train(name)));
}

describe("accuracy", () => {
  test.each([
    ["LightNN", 10, 45],
    ["resnet8", 6, 30],
  ])(
    "of a trained %s is the same in whole numbers, but for a point",
    { timeout: 300_000 },
    async (name, epochs, least) => {
      const data = shapes({ train: 1024, test: 1000 });
      const { float32, int8 } = await accuracies(await trained(name, data, epochs), data);
      expect(float32).toBeGreaterThan(least);
      expect(Math.abs(float32! - int8!)).toBeLessThanOrEqual(1);
    },
  );
});

describeWithPhotographs("accuracy on CIFAR-10", () => {
  test.each([
    ["LightNN", 40] as const,
    // A minute on one core.
    ...(process.env["LIMBECK_LONG"] === "1" ? [["resnet8", 30] as const] : []),
  ])(
    "of a trained %s is the same in whole numbers, but for half a point",
    { timeout: 600_000 },
    async (name, least) => {
      const data = limit(await readCifar10(photographs!), 4000);
      const { float32, int8 } = await accuracies(await trained(name, data, 2), data);
      expect(float32).toBeGreaterThan(least);
      expect(Math.abs(float32! - int8!)).toBeLessThanOrEqual(0.5);
    },
  );
});
