/** @file Sums, means and largest elements over axes. */
import { avgPool2d, max, mean, reshape, sum, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { kindOf } from "./convolution.ts";
import { mapOf } from "./pool.ts";

type Reduce = (x: Tensor, options: { readonly axes: readonly number[]; readonly keepDims: boolean }) => Tensor;

/** The axes are an attribute at first, an input later. */
function reduction(of: Reduce): Operator {
  return (call) => {
    const x = call.tensor(0);
    const rank = x.shape.length;
    const keepDims = call.int("keepdims", 1) !== 0;
    const given = call.ints("axes") ?? call.numbers(1) ?? [];
    const isNothing = given.length === 0 && call.int("noop_with_empty_axes", 0) !== 0;
    call.ignore("noop_with_empty_axes");
    if (isNothing) return kindOf(call, x);
    const axes = given.length === 0 ? [...x.shape.keys()] : given.map((axis) => call.axis(axis, rank));
    checkBatch(call, axes);
    return kindOf(call, of(x, { axes, keepDims }));
  };
}

function checkBatch(call: Call, axes: readonly number[]): void {
  if (call.isActive && axes.includes(0)) call.unsupported("it mixes the images of a batch, over axis 0");
}

/** A mean over whole maps is a pool. */
const meanOf: Reduce = (x, { axes, keepDims }) => {
  if (x.shape.length !== 4 || axes.length !== 2 || !axes.includes(2) || !axes.includes(3))
    return mean(x, { axes, keepDims });
  const pooled = avgPool2d(x, mapOf(x));
  return keepDims ? pooled : reshape(pooled, x.shape.slice(0, 2));
};

export const reductions: Readonly<Record<string, Operator>> = {
  ReduceMean: reduction(meanOf),
  ReduceSum: reduction(sum),
  ReduceMax: reduction(max),
};
