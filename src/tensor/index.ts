/** @file The tensor language: symbolic tensors, operations on them, gradients. */
export * from "./gradient.ts";
export * from "./graph.ts";
export { substitute } from "./substitute.ts";
export {
  abs,
  add,
  clamp,
  div,
  equal,
  exp,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  relu,
  sign,
  sqrt,
  square,
  stopGradient,
  sub,
  type ClampOptions,
} from "./ops/elementwise.ts";
export { max, mean, sum, type ReduceOptions } from "./ops/reduce.ts";
export { channelShuffle } from "./ops/channel-shuffle.ts";
export { concat, slice, type SliceOptions } from "./ops/concat.ts";
export { broadcastTo, flatten, permute, reshape, transpose } from "./ops/reshape.ts";
export { linear, matmul } from "./ops/matmul.ts";
export { conv2d, convTranspose2d, type ConvOptions } from "./ops/conv.ts";
export { adaptiveAvgPool2d } from "./ops/adaptive-pool.ts";
export { avgPool2d, maxPool2d, upsampleNearest2d, type PoolOptions } from "./ops/pool.ts";
export { batchMoments, batchNormEval, batchNormTrain, type NormParameters } from "./ops/batch-norm.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { gather, indexCopy, indexSelect, oneHot, row } from "./ops/indexing.ts";
export {
  aTensor,
  constant,
  input,
  isConstant,
  isInput,
  isState,
  state,
  Tensor,
  type DType,
  type Op,
} from "./tensor.ts";
export { axisSize, formatShape, sameShape, sizeOf, type Shape } from "./shape.ts";
