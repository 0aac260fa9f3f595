/** @file The tensor language: symbolic tensors, operations on them, gradients. */
export * from "./gradient.ts";
export * from "./graph.ts";
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
  roundStraightThrough,
  sign,
  sqrt,
  square,
  stopGradient,
  sub,
  type ClampOptions,
} from "./ops/elementwise.ts";
export { gelu, type GeluOptions } from "./ops/gelu.ts";
export { fakeQuantize, type FakeQuantizeOptions } from "./ops/fake-quantize.ts";
export { broadcastTo, flatten, reshape, sum, type ReduceOptions } from "./ops/broadcast.ts";
export { logSoftmax, max, mean, softmax } from "./ops/reduce.ts";
export { channelShuffle, concat, permute, slice, transpose, type SliceOptions } from "./ops/data-movement.ts";
export { linear, matmul } from "./ops/matmul.ts";
export { conv2d, convTranspose2d, type ConvOptions, type ConvTransposeOptions } from "./ops/conv.ts";
export { adaptiveAvgPool2d } from "./ops/adaptive-pool.ts";
export { avgPool2d, maxPool2d, upsampleNearest2d, type PoolOptions } from "./ops/pool.ts";
export { batchMoments, batchNormEval, batchNormTrain, type NormParameters } from "./ops/batch-norm.ts";
export { gather, indexCopy, indexSelect, lookupRows, oneHot, row, type LookupOptions } from "./ops/indexing.ts";
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
  type InputDType,
  type StateDType,
} from "./tensor.ts";
export { axisSize, formatShape, greatestCommonDivisor, sameShape, sizeOf, type Shape } from "./shape.ts";
