/** @file Sums, means and largest elements over axes. */
import {
  avgPool2d,
  less,
  max,
  maximum,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import type { Operator } from "../call.ts";
import { kindOf } from "./convolution.ts";
import { mapOf } from "./pool.ts";

type Reduce = (x: Tensor, options: { readonly axes: readonly number[]; readonly keepDims: boolean }) => Tensor;

/** The axes are an attribute at first, an input later. */
function reduction(of: Reduce): Operator {
  return (call) => {
    const x = call.anywhere(0);
    const rank = x.shape.length;
    const { images } = call;
    const keepDims = call.int("keepdims", 1) !== 0;
    const given = call.ints("axes") ?? call.numbers(1) ?? [];
    const isNothing = given.length === 0 && call.int("noop_with_empty_axes", 0) !== 0;
    call.ignore("noop_with_empty_axes");
    if (isNothing) return kindOf(call, x);
    const axes = given.length === 0 ? [...x.shape.keys()] : given.map((axis) => call.axis(axis, rank));
    for (const axis of axes) call.checkApart(axis, `it mixes the images of a batch, over axis ${axis}`);
    const before = keepDims ? 0 : axes.filter((axis) => axis < images.axis).length;
    return kindOf(call, of(x, { axes, keepDims }), { ...images, axis: images.axis - before });
  };
}

/** A mean over whole maps is a pool. */
const meanOf: Reduce = (x, { axes, keepDims }) => {
  if (x.shape.length !== 4 || axes.length !== 2 || !axes.includes(2) || !axes.includes(3))
    return mean(x, { axes, keepDims });
  const pooled = avgPool2d(x, mapOf(x));
  return keepDims ? pooled : reshape(pooled, x.shape.slice(0, 2));
};

/** √Σx². NOTE: at 0 its gradient is 0, as PyTorch has it, and not a division by 0. */
const lengthOf: Reduce = (x, options) => {
  const squares = sum(square(x), options);
  return mul(sqrt(maximum(squares, 1e-37)), less(0, squares));
};

export const reductions: Readonly<Record<string, Operator>> = {
  ReduceMean: reduction(meanOf),
  ReduceSum: reduction(sum),
  ReduceMax: reduction(max),
  ReduceL2: reduction(lengthOf),
};
