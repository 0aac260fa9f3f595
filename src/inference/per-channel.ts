/** @file Arithmetic that multiplies each channel by a number and adds another: what a batch norm is in evaluation. */
import { elementAt } from "../elements.ts";
import { addOp, mulOp, subOp } from "../tensor/ops/elementwise.ts";
import type { PerChannelOperation } from "./operations.ts";

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

/** What an operation by these numbers, one a channel or one for all, does to x; `undefined` where that is not finite. */
export function perChannelBy(
  { tensor: { op, shape }, isFirst }: PerChannelOperation,
  numbers: ArrayLike<number>,
): PerChannel | undefined {
  const channels = elementAt(shape, 1);
  const each = (of: (value: number) => number): Float64Array =>
    Float64Array.from({ length: channels }, (_, c) => of(elementAt(numbers, numbers.length === 1 ? 0 : c)));
  const found = ((): PerChannel => {
    if (op === addOp) return { scale: each(() => 1), shift: each((value) => value) };
    if (op === subOp && isFirst) return { scale: each(() => 1), shift: each((value) => -value) };
    if (op === subOp) return { scale: each(() => -1), shift: each((value) => value) };
    return { scale: each((value) => (op === mulOp ? value : 1 / value)), shift: each(() => 0) };
  })();
  return [...found.scale, ...found.shift].every(Number.isFinite) ? found : undefined;
}
