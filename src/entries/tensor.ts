/** @file Published as `limbeck/tensor`: tensors are nodes of a graph, written as ordinary functions; gradients extend the graph, engines run it. */
import { checked } from "./checked/checked.ts";
import { joined, listOf, object, oneOf } from "../arguments.ts";
import * as is from "./checked/kinds.ts";
import * as inner from "../tensor/index.ts";

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

const anOperand = {
  expected: "a tensor or a number",
  is: (value: unknown) => is.aTensor.is(value) || is.aNumber.is(value),
};
const unary = { x: is.aTensor };
const binary = { a: anOperand, b: anOperand };
const reduction = { x: is.aTensor, "options?": { "axes?": listOf(is.aNumber), "keepDims?": is.aBoolean } };
const convolved = { x: is.aTensor, weight: is.aTensor, "bias?": is.aTensor };
const pooled = { x: is.aTensor, kernel: is.aPair, options: is.poolOptions };
const normParameters = object({ weight: is.aTensor, bias: is.aTensor, eps: is.aNumber });

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
export const clamp = checked("clamp", inner.clamp, { x: is.aTensor, options: { "min? max?": is.aNumber } });
export const gelu = checked("gelu", inner.gelu, { x: is.aTensor, options: is.geluOptions });
export const fakeQuantize = checked("fakeQuantize", inner.fakeQuantize, {
  x: is.aTensor,
  options: { scale: is.aTensor, "zero?": is.aTensor, least: is.aNumber, most: is.aNumber },
});
export const broadcastTo = checked("broadcastTo", inner.broadcastTo, { x: is.aTensor, shape: is.aShape });
export const reshape = checked("reshape", inner.reshape, { x: is.aTensor, shape: is.aShape });
export const permute = checked("permute", inner.permute, { x: is.aTensor, axes: listOf(is.aNumber) });
export const concat = checked("concat", inner.concat, { tensors: listOf(is.aTensor), axis: is.aNumber });
export const slice = checked("slice", inner.slice, {
  x: is.aTensor,
  options: { axis: is.aNumber, "from? to?": is.aNumber },
});
export const channelShuffle = checked("channelShuffle", inner.channelShuffle, { x: is.aTensor, groups: is.aNumber });
export const matmul = checked("matmul", inner.matmul, { "a b": is.aTensor, "options?": is.anObject });
export const linear = checked("linear", inner.linear, convolved);
export const conv2d = checked("conv2d", inner.conv2d, joined(convolved, { "options?": is.convOptions }));
export const convTranspose2d = checked(
  "convTranspose2d",
  inner.convTranspose2d,
  joined(convolved, { "options?": is.convTransposeOptions }),
);
export const maxPool2d = checked("maxPool2d", inner.maxPool2d, pooled);
export const avgPool2d = checked("avgPool2d", inner.avgPool2d, pooled);
export const adaptiveAvgPool2d = checked("adaptiveAvgPool2d", inner.adaptiveAvgPool2d, {
  x: is.aTensor,
  size: is.aPair,
});
export const upsampleNearest2d = checked("upsampleNearest2d", inner.upsampleNearest2d, {
  x: is.aTensor,
  scale: is.aPair,
});
export const batchNormTrain = checked("batchNormTrain", inner.batchNormTrain, {
  x: is.aTensor,
  moments: is.aTensor,
  parameters: normParameters,
});
export const batchNormEval = checked("batchNormEval", inner.batchNormEval, {
  "x mean variance": is.aTensor,
  parameters: normParameters,
});
export const gather = checked("gather", inner.gather, { x: is.aTensor, index: is.aTensor });
export const indexSelect = checked("indexSelect", inner.indexSelect, { x: is.aTensor, indices: is.aTensor });
export const indexCopy = checked("indexCopy", inner.indexCopy, { "x indices values": is.aTensor });
export const lookupRows = checked("lookupRows", inner.lookupRows, {
  "x indices table": is.aTensor,
  "options?": { "shifts?": is.aTensor, "border?": oneOf("reflect", "black") },
});
export const oneHot = checked("oneHot", inner.oneHot, { labels: is.aTensor, classes: is.aNumber });
export const row = checked("row", inner.row, { x: is.aTensor, index: is.aNumber });
export const gradients = checked("gradients", inner.gradients, { loss: is.aTensor, wrt: listOf(is.aTensor) });
export const input = checked("input", inner.input, {
  name: is.aString,
  shape: is.anyShape,
  "dtype?": oneOf("float32", "int32"),
});
export const state = checked("state", inner.state, {
  name: is.aString,
  shape: is.anyShape,
  "dtype?": oneOf("float32", "uint8"),
});
export const constant = checked("constant", inner.constant, { value: is.aNumber });
