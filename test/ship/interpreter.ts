/** @file A network in whole numbers, computed in plain loops: what both WebAssembly modules have to agree with, bit for bit. */
import {
  fixedPoint,
  imagesFactor,
  meanNumbers,
  perChannelNumbers,
  weightedNumbers,
} from "../../src/engine/int8/arithmetic.ts";
import type {
  AvgPool2dLayer,
  Conv2dLayer,
  LinearLayer,
  MaxPool2dLayer,
  QuantisedLayer,
  QuantisedNetwork,
} from "../../src/engine/int8/network.ts";

/** The logits of one image [C, H, W]. */
export function interpret({ top, layers }: QuantisedNetwork, image: Float32Array): Float32Array {
  const found: Int32Array[] = [];
  for (const [at, layer] of layers.entries()) {
    const isLast = at === layers.length - 1;
    if (isLast && layer.kind === "linear") return logitsOf(layer, layers, found, top);
    found.push(computed(layer, layers, found, image, top));
  }
  const { scale, zero } = layers.at(-1)!.quantisation;
  return Float32Array.from(found.at(-1)!, (q) => Math.fround(q - zero) * scale);
}

function computed(
  layer: QuantisedLayer,
  layers: readonly QuantisedLayer[],
  found: readonly Int32Array[],
  image: Float32Array,
  top: number,
): Int32Array {
  const { quantisation } = layer;
  const inputs = layer.inputs.map((at) => ({ layer: layers[at]!, numbers: found[at]! }));
  const [x] = inputs;
  const held = (value: number): number => Math.min(top, Math.max(0, value));
  /** A float32 as an activation. */
  const made = (value: number): number => held(quantisation.zero + rounded(value));
  switch (layer.kind) {
    case "images": {
      const factor = imagesFactor(quantisation);
      return Int32Array.from(image, (value) => made(Math.fround(value * factor)));
    }
    case "conv2d":
    case "linear": {
      const { quantisation: taken } = x!.layer;
      const { bias, factors } = weightedNumbers("", layer, taken, quantisation.scale, top);
      const each = layer.shape.slice(1).reduce((size, side) => size * side, 1);
      const sums = layer.kind === "conv2d" ? convolved(layer, x!, bias) : multiplied(layer, x!.numbers, bias);
      return sums.map((sum, i) => made(Math.fround(Math.fround(sum) * factors[Math.floor(i / each)]!)));
    }
    case "add": {
      const [a, b] = inputs;
      const { factors, offset, shift } = fixedPoint("", [a!.layer.quantisation, b!.layer.quantisation], quantisation);
      return a!.numbers.map((q, i) => held((q * factors[0]! + b!.numbers[i]! * factors[1]! + offset) >> shift));
    }
    case "perChannel": {
      const { factors, terms } = perChannelNumbers(layer, x!.layer.quantisation);
      const each = x!.numbers.length / factors.length;
      return x!.numbers.map((q, i) => {
        const c = Math.floor(i / each);
        return made(Math.fround(Math.fround(q * factors[c]!) + terms[c]!));
      });
    }
    case "maxPool2d":
      return windows(layer, x!, (inside) => Math.max(...inside.filter((q) => q !== undefined)));
    case "avgPool2d": {
      const { zero } = x!.layer.quantisation;
      const { less, factor } = meanNumbers(layer, x!.layer.quantisation);
      return windows(layer, x!, (inside) => {
        const sum = inside.reduce<number>((total, q) => total + (q ?? zero), 0) - less;
        return made(Math.fround(Math.fround(sum) * factor));
      });
    }
    case "concat":
      return Int32Array.from(
        inputs.flatMap(({ layer: { quantisation: taken }, numbers }) => {
          if (taken.scale === quantisation.scale && taken.zero === quantisation.zero) return [...numbers];
          const { factors, offset, shift } = fixedPoint("", [taken], quantisation);
          return [...numbers].map((q) => held((q * factors[0]! + offset) >> shift));
        }),
      );
    case "slice": {
      const each = x!.numbers.length / x!.layer.shape[0];
      return x!.numbers.slice(layer.from * each, layer.to * each);
    }
    case "channelShuffle": {
      const [count, height, width] = layer.shape;
      const each = height * width;
      return Int32Array.from({ length: count * each }, (_, i) => {
        const c = Math.floor(i / each);
        const from = (c % layer.groups) * (count / layer.groups) + Math.floor(c / layer.groups);
        return x!.numbers[from * each + (i % each)]!;
      });
    }
    case "flatten":
      return x!.numbers;
  }
}

function logitsOf(
  layer: LinearLayer,
  layers: readonly QuantisedLayer[],
  found: readonly Int32Array[],
  top: number,
): Float32Array {
  const [input] = layer.inputs;
  const { bias, factors } = weightedNumbers("", layer, layers[input]!.quantisation, 1, top);
  return Float32Array.from(multiplied(layer, found[input]!, bias), (sum, o) => Math.fround(sum) * factors[o]!);
}

interface Input {
  readonly layer: QuantisedLayer;
  readonly numbers: Int32Array;
}

/** bias + Σ w·q, where q is x's zero outside. */
function convolved(layer: Conv2dLayer, { layer: x, numbers }: Input, bias: Int32Array): Int32Array {
  const { shape, kernel, stride, padding, dilation, groups, weights } = layer;
  const [outputs, height, width] = shape;
  const [inputs, rows, columns] = x.shape as readonly [number, number, number];
  const each = inputs / groups;
  const sums = new Int32Array(outputs * height * width);
  for (let o = 0; o < outputs; o++) {
    const group = Math.floor(o / (outputs / groups));
    for (let y = 0; y < height; y++) {
      for (let left = 0; left < width; left++) {
        let sum = bias[o]!;
        for (let c = 0; c < each; c++) {
          for (let u = 0; u < kernel[0]; u++) {
            for (let v = 0; v < kernel[1]; v++) {
              const row = y * stride[0] + u * dilation[0] - padding[0];
              const column = left * stride[1] + v * dilation[1] - padding[1];
              const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
              const q = isInside ? numbers[((group * each + c) * rows + row) * columns + column]! : x.quantisation.zero;
              sum += weights[((o * each + c) * kernel[0] + u) * kernel[1] + v]! * q;
            }
          }
        }
        sums[(o * height + y) * width + left] = sum;
      }
    }
  }
  return sums;
}

function multiplied({ weights }: LinearLayer, numbers: Int32Array, bias: Int32Array): Int32Array {
  return bias.map((start, o) => numbers.reduce((sum, q, i) => sum + weights[o * numbers.length + i]! * q, start));
}

/** What comes of each window's numbers, which are undefined outside. */
function windows(
  { shape, kernel, stride, padding }: MaxPool2dLayer | AvgPool2dLayer,
  { layer: x, numbers }: Input,
  of: (inside: readonly (number | undefined)[]) => number,
): Int32Array {
  const [count, height, width] = shape;
  const [, rows, columns] = x.shape as readonly [number, number, number];
  return Int32Array.from({ length: count * height * width }, (_, i) => {
    const [c, y, left] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    return of(
      Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
        const row = y * stride[0] + Math.floor(tap / kernel[1]) - padding[0];
        const column = left * stride[1] + (tap % kernel[1]) - padding[1];
        const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
        return isInside ? numbers[(c * rows + row) * columns + column] : undefined;
      }),
    );
  });
}

/** To the nearest whole number, halves to the even one; what is no number is far below. */
function rounded(value: number): number {
  if (Number.isNaN(value)) return -Infinity;
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
