/** @file The tensor language: symbolic tensors, operations on them, gradients. */
export * from "./gradient.ts";
export * from "./graph.ts";
export { abs, add, div, exp, log, mul, neg, relu, sign, sqrt, square, stopGradient, sub } from "./ops/elementwise.ts";
export { mean, sum, type ReduceOptions } from "./ops/reduce.ts";
export { broadcastTo, flatten, permute, reshape, transpose } from "./ops/reshape.ts";
export { linear, matmul } from "./ops/matmul.ts";
export { conv2d, type ConvOptions } from "./ops/conv.ts";
export { avgPool2d, maxPool2d, type PoolOptions } from "./ops/pool.ts";
export { batchMoments, batchNormEval, batchNormTrain, type NormParameters } from "./ops/batch-norm.ts";
export { row } from "./ops/row.ts";
export { logSoftmax, pick, softmax } from "./ops/softmax.ts";
export { constant, input, isConstant, isInput, isState, state, Tensor, type DType, type Op } from "./tensor.ts";
export { formatShape, sameShape, sizeOf, type Shape } from "./shape.ts";
