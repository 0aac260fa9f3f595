/** @file The table of operations. An engine runs these and says so for any it cannot. */
import type { Op } from "../tensor.ts";
import * as batchNorm from "./batch-norm.ts";
import * as channelShuffle from "./channel-shuffle.ts";
import * as concat from "./concat.ts";
import * as conv from "./conv.ts";
import * as elementwise from "./elementwise.ts";
import * as indexing from "./indexing.ts";
import * as matmul from "./matmul.ts";
import * as pool from "./pool.ts";
import * as reduce from "./reduce.ts";
import * as reshape from "./reshape.ts";
import * as softmax from "./softmax.ts";

/** Every operation but the three sources (input, state, constant), by name. */
export const ops = {
  add: elementwise.addOp,
  sub: elementwise.subOp,
  mul: elementwise.mulOp,
  div: elementwise.divOp,
  neg: elementwise.negOp,
  exp: elementwise.expOp,
  log: elementwise.logOp,
  sqrt: elementwise.sqrtOp,
  abs: elementwise.absOp,
  sign: elementwise.signOp,
  relu: elementwise.reluOp,
  reluGrad: elementwise.reluGradOp,
  equal: elementwise.equalOp,
  less: elementwise.lessOp,
  maximum: elementwise.maximumOp,
  minimum: elementwise.minimumOp,
  clamp: elementwise.clampOp,
  stopGradient: elementwise.stopGradientOp,
  sum: reduce.sumOp,
  max: reduce.maxOp,
  reshape: reshape.reshapeOp,
  broadcastTo: reshape.broadcastToOp,
  permute: reshape.permuteOp,
  concat: concat.concatOp,
  slice: concat.sliceOp,
  sliceGrad: concat.sliceGradOp,
  indexSelect: indexing.indexSelectOp,
  indexSelectGrad: indexing.indexSelectGradOp,
  indexCopy: indexing.indexCopyOp,
  gather: indexing.gatherOp,
  gatherGrad: indexing.gatherGradOp,
  row: indexing.rowOp,
  channelShuffle: channelShuffle.channelShuffleOp,
  matmul: matmul.matmulOp,
  linear: matmul.linearOp,
  conv2d: conv.conv2dOp,
  conv2dInputGrad: conv.conv2dInputGradOp,
  conv2dWeightGrad: conv.conv2dWeightGradOp,
  maxPool2d: pool.maxPool2dOp,
  maxPool2dGrad: pool.maxPool2dGradOp,
  avgPool2d: pool.avgPool2dOp,
  avgPool2dGrad: pool.avgPool2dGradOp,
  batchMoments: batchNorm.batchMomentsOp,
  batchNormTrain: batchNorm.batchNormTrainOp,
  batchNormParameterGrads: batchNorm.batchNormParameterGradsOp,
  batchNormInputGrad: batchNorm.batchNormInputGradOp,
  logSoftmax: softmax.logSoftmaxOp,
} as const satisfies Record<string, Op<never>>;

export type OpName = keyof typeof ops;
