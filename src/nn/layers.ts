/** @file Layers without weights: activations, pooling, dropout; and layers one after another. */
import { LimbeckError } from "../errors.ts";
import type { Module } from "./module.ts";
import {
  adaptiveAvgPool2d as takeMeansOfBins,
  add,
  avgPool2d as takeMeans,
  clamp,
  flatten as toRows,
  gelu as gate,
  maxPool2d as takeLargest,
  mul,
  relu as rectify,
  type GeluOptions,
  type PoolOptions,
} from "../tensor/index.ts";

/** PyTorch's `nn.ReLU`: max(x, 0). */
export function relu(): Module {
  return { forward: rectify };
}

/** PyTorch's `nn.ReLU6`: min(max(x, 0), 6). No gradient flows at 0, and all of it at exactly 6, where PyTorch has none. */
export function relu6(): Module {
  return { forward: (x) => clamp(rectify(x), { max: 6 }) };
}

/** PyTorch's `nn.GELU`: x·Φ(x), exactly, or as `approximate: "tanh"` has it. */
export function gelu(options: GeluOptions = {}): Module {
  return { forward: (x) => gate(x, options) };
}

/** PyTorch's `nn.LeakyReLU`: x where x > 0, else slope·x, with gradient `slope` at 0. */
export function leakyRelu(slope: number): Module {
  return { forward: (x) => add(mul(rectify(x), 1 - slope), mul(x, slope)) };
}

/** PyTorch's `nn.MaxPool2d`: the largest of each window. x [N, C, H, W]; the stride is the window by default. */
export function maxPool2d(kernel: number | readonly [number, number], options: PoolOptions = {}): Module {
  return { forward: (x) => takeLargest(x, kernel, options) };
}

/** PyTorch's `nn.AvgPool2d`: the mean of each window. x [N, C, H, W]; the stride is the window by default. */
export function avgPool2d(kernel: number | readonly [number, number], options: PoolOptions = {}): Module {
  return { forward: (x) => takeMeans(x, kernel, options) };
}

/** PyTorch's `nn.AdaptiveAvgPool2d`: means over as many bins as `size` says, one number for height and width alike. x [N, C, H, W]. */
export function adaptiveAvgPool2d(size: number | readonly [number, number]): Module {
  return { forward: (x) => takeMeansOfBins(x, size) };
}

/** PyTorch's `nn.Flatten`: x [N, C, H, W] to [N, C·H·W]. */
export function flatten(): Module {
  return { forward: toRows };
}

/**
 * PyTorch's `nn.Dropout`: while training, zeroes each element with this probability and divides the others by
 * 1 - probability; passes x through otherwise. With probability 0 nothing is drawn, as in PyTorch.
 *
 * Throws ARGUMENT unless 0 ≤ probability < 1. Srivastava et al., "Dropout", 2014.
 */
export function dropout(probability: number): Module {
  if (!(probability >= 0 && probability < 1)) {
    throw new LimbeckError(
      "ARGUMENT",
      `dropout: the probability should be at least 0 and less than 1, got ${probability}`,
    );
  }
  return {
    forward: (x, _, scope) => (scope.training && probability > 0 ? mul(x, scope.mask(x.shape, 1 - probability)) : x),
  };
}

/**
 * PyTorch's `nn.Sequential`: each child takes the result of the one before. A list's children are named "0", "1", …;
 * a record's have its keys.
 *
 * NOTE: JavaScript puts keys that are whole numbers before all others, whatever order they are written in.
 */
export function sequential(modules: readonly Module[] | Readonly<Record<string, Module>>): Module {
  return {
    children: Object.fromEntries(Object.entries(modules)),
    forward: (x, children) => Object.values(children).reduce((y, child) => child(y), x),
  };
}
