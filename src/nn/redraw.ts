/** @file First values that a whole network draws anew, after its layers have drawn theirs. */
import type { Random } from "../random/random.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Module } from "./module.ts";
import { namedParameters } from "./named.ts";

/** How a network draws anew; what is not said stays as the layers drew it. */
export interface Redraw {
  /** The deviation of a convolution's normal weights, by fanOut = outputs · KH · KW. */
  readonly convolution: (fanOut: number) => number;
  /** The deviation of a linear layer's normal weights. */
  readonly linear?: number;
  /** Whether biases become zeros. */
  readonly zeroBias?: boolean;
}

/** New first values of a network's parameters, in the order of PyTorch's `modules()`. For `Module.redraw`. */
export function* redraw(
  children: Readonly<Record<string, Module>>,
  random: Random,
  { convolution, linear, zeroBias = false }: Redraw,
): Generator<readonly [Tensor, Float32Array]> {
  for (const [path, { tensor }] of namedParameters({ children, forward: (x) => x })) {
    const { shape, size } = tensor;
    const normal = (deviation: number) => [tensor, random.normal(size, 0, deviation)] as const;
    if (shape.length === 4) yield normal(convolution(shape[0]! * shape[2]! * shape[3]!));
    else if (shape.length === 2 && linear !== undefined) yield normal(linear);
    else if (zeroBias && path.endsWith("bias")) yield [tensor, new Float32Array(size)];
  }
}
