/** @file Integer modules at the ends of what they can: the largest sums, halves, numbers that are none, and what is refused. */
import { expect, test } from "vitest";
import type {
  Conv2dLayer,
  ImagesLayer,
  LinearLayer,
  QuantisedLayer,
  QuantisedNetwork,
} from "../../src/engine/int8/network.ts";
import { fixedPoint } from "../../src/engine/int8/arithmetic.ts";
import { dots, onesAt, pairs, plain, type Flavour } from "../../src/engine/int8/flavour.ts";

import { choiceAt, integerModule, moduleOf, type IntegerModule } from "../../src/engine/int8/module.ts";
import { winogradFits } from "../../src/engine/int8/kernels/winograd.ts";
import { lower } from "../../src/engine/int8/lower/lower.ts";
import { lanesTogether } from "../../src/engine/int8/pair-sums.ts";
import { Draws } from "../engines/random.ts";
import { Builder } from "./builder.ts";
import { interpret } from "./interpreter.ts";
import { open, ways } from "./run-module.ts";

const unit = { scale: 1, zero: 0 };
const images = (channels: number, height: number, width: number, quantisation = unit): ImagesLayer => ({
  kind: "images",
  inputs: [],
  shape: [channels, height, width],
  quantisation,
});
const conv = (
  x: ImagesLayer,
  outputs: number,
  [height, width]: readonly [number, number],
  weights: Int8Array,
  { padding = [0, 0] as readonly [number, number], groups = 1, bias = new Int32Array(outputs) } = {},
): Conv2dLayer => ({
  kind: "conv2d",
  inputs: [0],
  shape: [outputs, x.shape[1] + 2 * padding[0] - height + 1, x.shape[2] + 2 * padding[1] - width + 1],
  kernel: [height, width],
  stride: [1, 1],
  padding,
  dilation: [1, 1],
  groups,
  quantisation: unit,
  weights,
  weightScales: new Float32Array(outputs).fill(1),
  bias,
});
const linear = (inputs: number, outputs: number, weights: Int8Array, bias = new Int32Array(outputs)): LinearLayer => ({
  kind: "linear",
  inputs: [inputs],
  shape: [outputs],
  quantisation: unit,
  weights,
  weightScales: new Float32Array(outputs).fill(1),
  bias,
});
const flat = (size: number): QuantisedLayer => ({ kind: "flatten", inputs: [0], shape: [size], quantisation: unit });

const all: readonly (Flavour & { readonly top: 127 | 255 })[] = [
  { ...plain, top: 255 },
  ...ways.map((way) => ({ ...way, top: 127 }) as const),
];

async function logitsOf(network: QuantisedNetwork, way: Flavour, image: Float32Array): Promise<number[]> {
  const runner = await open(moduleOf(network, [way]), network.layers[0].shape);
  return [...runner.logits(image)];
}

test.each(all)("$name, up to $top: the largest products of both signs are summed exactly", async ({ top, ...way }) => {
  // Even sums below 2^24 · 128 that float32 has exactly; pairs of products are the largest that 16 bits have to hold.
  const size = 4096;
  const weights = new Int8Array(3 * size);
  weights.fill(127, 0, size).fill(-127, size, 2 * size);
  for (let i = 0; i < size; i++) weights[2 * size + i] = i % 2 === 0 ? 127 : -127;
  const x = images(size, 1, 1);
  const network: QuantisedNetwork = { top, layers: [x, flat(size), linear(1, 3, weights)] };
  const largest = 127 * top * size;
  expect(await logitsOf(network, way, new Float32Array(size).fill(1e9))).toEqual([largest, -largest, 0]);
});

test.each(all)("$name, up to $top: the largest products of depthwise windows are too", async ({ top, ...way }) => {
  const x = images(3, 5, 5, { scale: 1, zero: top });
  const weights = new Int8Array(75).fill(127, 0, 25).fill(-127, 25, 50).fill(1, 50);
  const depthwise: Conv2dLayer = {
    ...conv(x, 3, [5, 5], weights, { groups: 3, padding: [2, 2] }),
    quantisation: { scale: Math.fround(127 * 25), zero: top },
  };
  const network: QuantisedNetwork = { top, layers: [x, depthwise] };
  const image = Float32Array.from({ length: 75 }, () => -1e9);
  const logits = await logitsOf(network, way, image);
  expect(logits).toEqual([...interpret(network, image)]);
  // In the middle of the first map each of 25 numbers is -top, times 127.
  expect(logits[12]).toBe(-top * 127 * 25);
});

test.each(all)(
  "$name, up to $top: halves go to the even number, and what is no number to the lowest",
  async ({ top, ...way }) => {
    const x = images(1, 1, 12);
    const half: Conv2dLayer = { ...conv(x, 1, [1, 1], Int8Array.of(1)), weightScales: Float32Array.of(0.5) };
    const network: QuantisedNetwork = { top, layers: [x, half] };
    const image = Float32Array.of(0, 1, 2, 3, 5, 7, 0.5, 1.5, -3, NaN, Infinity, -Infinity);
    const expected = [0, 0, 1, 2, 2, 4, 0, 1, 0, 0, top === 255 ? 128 : 64, 0];
    expect(await logitsOf(network, way, image)).toEqual(expected);
  },
);

test.each(all)("$name, up to $top: a border is what zero is", async ({ top, ...way }) => {
  const x = images(1, 2, 2, { scale: 1, zero: 100 });
  const summed: Conv2dLayer = {
    ...conv(x, 1, [3, 3], new Int8Array(9).fill(1), { padding: [1, 1] }),
    quantisation: { scale: 1, zero: 50 },
  };
  expect(await logitsOf({ top, layers: [x, summed] }, way, Float32Array.of(-3, -4, 5, 6))).toEqual([4, 4, 4, 4]);
});

test.each(all)("$name, up to $top: what is far outside is held, however far", async ({ top, ...way }) => {
  const x = images(1, 1, 1);
  const bias = Int32Array.of(-20_000_000, -13_000_000, -5_000_000, 5_000_000, 20_000_000, 2 ** 31 - 256, -(2 ** 31));
  const far = conv(x, 7, [1, 1], new Int8Array(7), { bias });
  expect(await logitsOf({ top, layers: [x, far] }, way, Float32Array.of(1))).toEqual([0, 0, 0, top, top, top, 0]);
});

test.each(all)("$name, up to $top: by Winograd, the largest sums of both signs are exact", async ({ top, ...way }) => {
  const [channels, outputs] = [1840, 16];
  const x = images(channels, 4, 4);
  // The ninth of each window, or all of it, of one sign or another.
  const signs = [() => 1, () => -1, (i: number) => (i % 9 === 4 ? 1 : 0), (i: number) => (i % 2 === 0 ? 1 : -1)];
  const weights = Int8Array.from(
    { length: outputs * channels * 9 },
    (_, i) => 127 * signs[Math.floor(i / channels / 9) % signs.length]!(i),
  );
  const scale = Math.fround(9 * 127 * channels);
  const layer: Conv2dLayer = { ...conv(x, outputs, [3, 3], weights), quantisation: { scale, zero: 60 } };
  const network: QuantisedNetwork = { top, layers: [x, layer] };
  expect(lower(network, way).steps.some(({ kernel }) => kernel.key.startsWith("winograd"))).toBe(way.name !== "dots");
  for (const image of [
    new Float32Array(channels * 16).fill(1e9),
    new Draws("largest").normals(channels * 16).map((v) => v * 1e9),
  ]) {
    expect(await logitsOf(network, way, image)).toEqual([...interpret(network, image)]);
  }
});

test("by Winograd if four times the sums fit 32 bits", () => {
  const each = Math.floor(2 ** 29 / 127 / 127);
  expect(winogradFits(new Int8Array(2 * each).fill(-127), 2, 127)).toBe(true);
  expect(winogradFits(new Int8Array(2 * each + 2).fill(-127), 2, 127)).toBe(false);
});

// Each has the most lanes that its weights allow, in one order of the signs and the other: 127·258 is within 16 bits, 127·259 is not.
const lanes = [
  { weights: [43, 43, 43, 43, 43, 43, 43, 43, 43, 43, 43, 43], together: 3 },
  { weights: [127, 127, 127, -127, 0, 2, -127, -4, 2, 0, 127, 0], together: 3 },
  { weights: [43, 43, 43, 43, 43, 43, 43, 43, 43, 43, 44, 43], together: 2 },
  { weights: [127, 127, 64, 64, 4, 0, 65, 65, 1, 0, 64, 64], together: 2 },
  { weights: [127, 127, 65, 65, 4, 1, 64, 64, 0, 0, 0, 0], together: 1 },
  { weights: [127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127], together: 1 },
] as const;
test.each(lanes)("of weights $weights, $together lanes are summed in 16 bits", async ({ weights, together }) => {
  const each = Int8Array.from([...weights, ...weights, ...weights]);
  const both = Int8Array.from([...each, ...each.map((w) => -w)]);
  expect(lanesTogether(both, { inputs: 36, taps: 1 }, [{ count: 9, step: 4 }])).toBe(together);
  const x = images(36, 1, 1);
  const network: QuantisedNetwork = { top: 127, layers: [x, flat(36), linear(1, 2, both)] };
  for (const sign of [1, -1]) {
    const image = Float32Array.from(each, (w) => (w * sign > 0 ? 127 : 0));
    const logits = await logitsOf(network, pairs, image);
    expect(logits).toEqual([...interpret(network, image)]);
  }
});

test("no products are summed over the end of a row of a window, whose lanes do not follow each other", () => {
  // Two rows of three lanes: of groups of two, the third lane stands alone.
  const sum = [
    { count: 2, step: 64 },
    { count: 3, step: 4 },
  ];
  const of = (...lanes: readonly number[]): Int8Array => Int8Array.from(lanes.flatMap((w) => [w, w, w, w]));
  expect(lanesTogether(of(1, 1, 127, 127, 1, 1), { inputs: 24, taps: 1 }, sum)).toBe(3);
  expect(lanesTogether(of(2, 2, 127, 127, 1, 1), { inputs: 24, taps: 1 }, sum)).toBe(2);
  expect(lanesTogether(of(127, 3, 127, 127, 1, 1), { inputs: 24, taps: 1 }, sum)).toBe(1);
});

test("a module for relaxed SIMD finds out in which way it computes", async () => {
  const x = images(4, 1, 1);
  const network: QuantisedNetwork = { top: 127, layers: [x, flat(4), linear(1, 1, Int8Array.of(1, 2, 3, 4))] };
  // Without its ones, the way of pairs sums nothing.
  const withoutOnes = async (module: IntegerModule): Promise<{ choice: number; logit: number }> => {
    const { memory, logits } = await open(module, [4, 1, 1]);
    new Uint8Array(memory.buffer, onesAt, 16).fill(0);
    const [logit] = logits(new Float32Array(4).fill(1));
    return { choice: new Int32Array(memory.buffer)[choiceAt / 4]!, logit: logit! };
  };
  expect(await withoutOnes(moduleOf(network, [dots]))).toEqual({ choice: 0, logit: 10 });
  expect(await withoutOnes(moduleOf(network, [pairs]))).toEqual({ choice: 0, logit: 0 });
  expect([
    { choice: 0, logit: 10 },
    { choice: 1, logit: 0 },
  ]).toContainEqual(await withoutOnes(integerModule(network, "relaxed")));
});

test("memory is used again, with its borders", async () => {
  const deep = (blocks: number): QuantisedNetwork => {
    const b = new Builder("deep", 127, [5, 6, 6]);
    let x = b.conv(0, { outputs: 9, padding: [1, 1] });
    for (let i = 0; i < blocks; i++) {
      x = b.add(x, b.conv(b.conv(x, { outputs: 9, padding: [1, 1] }), { outputs: 9, padding: [1, 1] }));
    }
    const [first, ...others] = b.network.layers;
    const after = others.map((layer) => ({ ...layer, quantisation: { ...layer.quantisation, zero: 40 } }));
    return { top: 127, layers: [first, ...after] };
  };
  const runner = await open(integerModule(deep(6), "relaxed"), [5, 6, 6]);
  const draws = new Draws("images");
  const [first, second] = [draws.normals(180), draws.normals(180)];
  for (const image of [first, second, first]) expect(runner.logits(image)).toEqual(interpret(deep(6), image));
  // A block has 3 maps of more than 1,000 bytes, and 2 layers of less than 2,600 bytes of weights, shipped and packed.
  const [six, twelve] = [6, 12].map((blocks) => integerModule(deep(blocks), "relaxed").bytes);
  expect(twelve! - six!).toBeLessThan(6 * 2 * 2600);
});

test("a sum that does not fit 32 bits is refused", () => {
  const x = images(4, 1, 1);
  const most = 2 ** 31 - 1 - 4 * 127 * 127;
  const network = (bias: number): QuantisedNetwork => ({
    top: 127,
    layers: [x, flat(4), linear(1, 1, new Int8Array(4).fill(127), Int32Array.of(bias))],
  });
  expect(() => integerModule(network(most), "relaxed")).not.toThrow();
  expect(() => integerModule(network(most + 1), "relaxed")).toThrow(
    "layer 2, linear: sums should fit 32 bits, got up to 2147483648 and down to 2147419132 for output 0",
  );
  expect(() => integerModule(network(-(2 ** 31)), "plain")).not.toThrow();
});

test("relaxed SIMD takes activations of 7 bits alone", () => {
  const network: QuantisedNetwork = { top: 255, layers: [images(1, 1, 1)] };
  expect(() => integerModule(network, "relaxed")).toThrow("takes activations up to 127, got a network of up to 255");
});

test("what takes flattened maps has to be a linear layer", () => {
  const b = new Builder("flat", 127, [2, 3, 3]);
  b.perChannel(b.flatten(0));
  expect(() => integerModule(b.network, "plain")).toThrow(
    "layer 2, perChannel: what takes flattened maps of 3x3 should be a linear layer, got perChannel",
  );
});

test("sums in whole numbers are those of real numbers, to half a step and a 64th of the largest input step", () => {
  const draws = new Draws("fixed point");
  for (let i = 0; i < 2000; i++) {
    const quantisation = (): { scale: number; zero: number } => ({
      scale: 10 ** (4 * draws.uniform() - 2),
      zero: draws.below(256),
    });
    const [a, b, y] = [quantisation(), quantisation(), quantisation()];
    const { factors, offset, shift } = fixedPoint("", [a, b], y);
    for (let j = 0; j < 10; j++) {
      const [p, q] = [draws.below(256), draws.below(256)];
      const sum = p * factors[0]! + q * factors[1]! + offset;
      expect(Math.abs(sum)).toBeLessThan(2 ** 31);
      const real = y.zero + (a.scale * (p - a.zero) + b.scale * (q - b.zero)) / y.scale;
      const held = Math.min(255, Math.max(0, real));
      const lost = Math.abs(Math.min(255, Math.max(0, sum >> shift)) - held);
      expect(lost).toBeLessThan(0.5001 + Math.max(a.scale, b.scale) / y.scale / 64);
    }
  }
});

test("an input of a scale far above the output's is refused", () => {
  expect(() => fixedPoint("layer 3, add", [{ scale: 1, zero: 0 }], { scale: 1e-6, zero: 0 })).toThrow(
    "layer 3, add: its inputs' scales should be less than 32768 times its own, got 1000000",
  );
});
