/** @file Pooling layers. */
import {
  adaptiveAvgPool2d as takeMeansOfBins,
  avgPool2d as takeMeans,
  maxPool2d as takeLargest,
  type PoolOptions,
} from "../tensor/index.ts";
import type { Module } from "./module.ts";

/** PyTorch's `nn.MaxPool2d`: the largest of each window. x [N, C, H, W]; the stride is the window, if not said. */
export function maxPool2d(kernel: number | readonly [number, number], options: PoolOptions = {}): Module {
  return { forward: (x) => takeLargest(x, kernel, options) };
}

/** PyTorch's `nn.AvgPool2d`: the mean of each window. x [N, C, H, W]; the stride is the window, if not said. */
export function avgPool2d(kernel: number | readonly [number, number], options: PoolOptions = {}): Module {
  return { forward: (x) => takeMeans(x, kernel, options) };
}

/** PyTorch's `nn.AdaptiveAvgPool2d`: means over as many bins as `size` says, one number for height and width alike. x [N, C, H, W]. */
export function adaptiveAvgPool2d(size: number | readonly [number, number]): Module {
  return { forward: (x) => takeMeansOfBins(x, size) };
}
