/** @file Arithmetic that multiplies each channel by a number and adds another: what a batch norm is in evaluation. */
import { elementAt } from "../elements.ts";
import { addOp, divOp, mulOp, subOp } from "../tensor/ops/elementwise.ts";
import type { Shape, Tensor } from "../tensor/index.ts";

/** y[n, c, …] = scale[c]·x[n, c, …] + shift[c], in float64. */
export interface PerChannel {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** That changes nothing. */
export function unchanged(channels: number): PerChannel {
  return { scale: new Float64Array(channels).fill(1), shift: new Float64Array(channels) };
}

/** First one, then the other. */
export function followed(first: PerChannel, then: PerChannel): PerChannel {
  return {
    scale: first.scale.map((scale, c) => scale * elementAt(then.scale, c)),
    shift: first.shift.map((shift, c) => shift * elementAt(then.scale, c) + elementAt(then.shift, c)),
  };
}

/** Whether `operand`, which stretches to x [N, C] or [N, C, H, W], has a number for each channel, or one for all. */
export function isPerChannel(operand: Shape, x: Shape): boolean {
  if ((x.length !== 2 && x.length !== 4) || operand.length > x.length) return false;
  return operand.every((size, i) => {
    const axis = i + x.length - operand.length;
    return size === 1 || (axis === 1 && size === x[1]);
  });
}

/**
 * What add, sub, mul or div by known numbers, one a channel or one for all, does to the other operand, which is the first one or
 * not; `undefined` for other operations, a division of numbers by x, and results that are not finite.
 */
export function perChannelOf(
  { op, shape }: Tensor,
  numbers: ArrayLike<number>,
  isFirst: boolean,
): PerChannel | undefined {
  const channels = elementAt(shape, 1);
  const each = (of: (value: number) => number): Float64Array =>
    Float64Array.from({ length: channels }, (_, c) => of(elementAt(numbers, numbers.length === 1 ? 0 : c)));
  const found = ((): PerChannel | undefined => {
    if (op === addOp) return { scale: each(() => 1), shift: each((value) => value) };
    if (op === subOp && isFirst) return { scale: each(() => 1), shift: each((value) => -value) };
    if (op === subOp) return { scale: each(() => -1), shift: each((value) => value) };
    if (op === mulOp) return { scale: each((value) => value), shift: each(() => 0) };
    if (op === divOp && isFirst) return { scale: each((value) => 1 / value), shift: each(() => 0) };
    return undefined;
  })();
  const isFinite = found && [...found.scale, ...found.shift].every(Number.isFinite);
  return isFinite ? found : undefined;
}
