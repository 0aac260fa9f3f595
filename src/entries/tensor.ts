/** @file Published as `limbeck/tensor`: tensors are nodes of a graph, written as ordinary functions; gradients extend the graph, engines run it. */
import { aBoolean, aNumber, anObject, aShape, aString, each, having, listOf, oneOf, optional } from "../arguments.ts";
import * as inner from "../tensor/index.ts";
import { checked } from "./checked/checked.ts";
import {
  anyShape,
  aPair,
  aTensor,
  convOptions,
  convTransposeOptions,
  geluOptions,
  poolOptions,
} from "./checked/kinds.ts";

export { referenceEngine } from "./checked/reference.ts";
export type { Inputs, Outputs, Program } from "../engine/contract.ts";
export type { ReferenceOptions } from "../engine/reference/index.ts";
export type {
  ClampOptions,
  ConvOptions,
  ConvTransposeOptions,
  FakeQuantizeOptions,
  DType,
  InputDType,
  LookupOptions,
  StateDType,
  GeluOptions,
  Graph,
  NormParameters,
  PoolOptions,
  ReduceOptions,
  Shape,
  SliceOptions,
  Tensor,
  Update,
} from "../tensor/index.ts";

const anOperand = { expected: "a tensor or a number", is: (value: unknown) => aTensor.is(value) || aNumber.is(value) };
const unary = { x: aTensor };
const binary = { a: anOperand, b: anOperand };
const reduction = {
  x: aTensor,
  options: optional(having("an object", { axes: optional(listOf(aNumber)), keepDims: optional(aBoolean) })),
};
const convolved = { x: aTensor, weight: aTensor, bias: optional(aTensor) };
const pooled = { x: aTensor, kernel: aPair, options: poolOptions };
const normParameters = having("an object", { weight: aTensor, bias: aTensor, eps: aNumber });

export const abs = checked("abs", inner.abs, unary);
export const exp = checked("exp", inner.exp, unary);
export const log = checked("log", inner.log, unary);
export const neg = checked("neg", inner.neg, unary);
export const relu = checked("relu", inner.relu, unary);
export const roundStraightThrough = checked("roundStraightThrough", inner.roundStraightThrough, unary);
export const sign = checked("sign", inner.sign, unary);
export const sqrt = checked("sqrt", inner.sqrt, unary);
export const square = checked("square", inner.square, unary);
export const stopGradient = checked("stopGradient", inner.stopGradient, unary);
export const flatten = checked("flatten", inner.flatten, unary);
export const transpose = checked("transpose", inner.transpose, unary);
export const logSoftmax = checked("logSoftmax", inner.logSoftmax, unary);
export const softmax = checked("softmax", inner.softmax, unary);
export const batchMoments = checked("batchMoments", inner.batchMoments, unary);
export const add = checked("add", inner.add, binary);
export const sub = checked("sub", inner.sub, binary);
export const mul = checked("mul", inner.mul, binary);
export const div = checked("div", inner.div, binary);
export const equal = checked("equal", inner.equal, binary);
export const less = checked("less", inner.less, binary);
export const maximum = checked("maximum", inner.maximum, binary);
export const minimum = checked("minimum", inner.minimum, binary);
export const sum = checked("sum", inner.sum, reduction);
export const mean = checked("mean", inner.mean, reduction);
export const max = checked("max", inner.max, reduction);
export const clamp = checked("clamp", inner.clamp, {
  x: aTensor,
  options: having("an object", each(optional(aNumber), "min", "max")),
});
export const gelu = checked("gelu", inner.gelu, { x: aTensor, options: geluOptions });
export const fakeQuantize = checked("fakeQuantize", inner.fakeQuantize, {
  x: aTensor,
  options: having("an object", { scale: aTensor, zero: optional(aTensor), least: aNumber, most: aNumber }),
});
export const broadcastTo = checked("broadcastTo", inner.broadcastTo, { x: aTensor, shape: aShape });
export const reshape = checked("reshape", inner.reshape, { x: aTensor, shape: aShape });
export const permute = checked("permute", inner.permute, { x: aTensor, axes: listOf(aNumber) });
export const concat = checked("concat", inner.concat, { tensors: listOf(aTensor), axis: aNumber });
export const slice = checked("slice", inner.slice, {
  x: aTensor,
  options: having("an object", { axis: aNumber, ...each(optional(aNumber), "from", "to") }),
});
export const channelShuffle = checked("channelShuffle", inner.channelShuffle, { x: aTensor, groups: aNumber });
export const matmul = checked("matmul", inner.matmul, { ...each(aTensor, "a", "b"), options: optional(anObject) });
export const linear = checked("linear", inner.linear, convolved);
export const conv2d = checked("conv2d", inner.conv2d, {
  ...convolved,
  options: optional(having("an object", convOptions)),
});
export const convTranspose2d = checked("convTranspose2d", inner.convTranspose2d, {
  ...convolved,
  options: optional(having("an object", convTransposeOptions)),
});
export const maxPool2d = checked("maxPool2d", inner.maxPool2d, pooled);
export const avgPool2d = checked("avgPool2d", inner.avgPool2d, pooled);
export const adaptiveAvgPool2d = checked("adaptiveAvgPool2d", inner.adaptiveAvgPool2d, { x: aTensor, size: aPair });
export const upsampleNearest2d = checked("upsampleNearest2d", inner.upsampleNearest2d, { x: aTensor, scale: aPair });
export const batchNormTrain = checked("batchNormTrain", inner.batchNormTrain, {
  x: aTensor,
  moments: aTensor,
  parameters: normParameters,
});
export const batchNormEval = checked("batchNormEval", inner.batchNormEval, {
  ...each(aTensor, "x", "mean", "variance"),
  parameters: normParameters,
});
export const gather = checked("gather", inner.gather, { x: aTensor, index: aTensor });
export const indexSelect = checked("indexSelect", inner.indexSelect, { x: aTensor, indices: aTensor });
export const indexCopy = checked("indexCopy", inner.indexCopy, each(aTensor, "x", "indices", "values"));
export const lookupRows = checked("lookupRows", inner.lookupRows, {
  ...each(aTensor, "x", "indices", "table"),
  options: optional(having("an object", { shifts: optional(aTensor), border: optional(oneOf("reflect", "black")) })),
});
export const oneHot = checked("oneHot", inner.oneHot, { labels: aTensor, classes: aNumber });
export const row = checked("row", inner.row, { x: aTensor, index: aNumber });
export const gradients = checked("gradients", inner.gradients, { loss: aTensor, wrt: listOf(aTensor) });
export const input = checked("input", inner.input, {
  name: aString,
  shape: anyShape,
  dtype: optional(oneOf("float32", "int32")),
});
export const state = checked("state", inner.state, {
  name: aString,
  shape: anyShape,
  dtype: optional(oneOf("float32", "uint8")),
});
export const constant = checked("constant", inner.constant, { value: aNumber });
