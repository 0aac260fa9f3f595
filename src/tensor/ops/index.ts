/** @file The table of operations. An engine runs these and says so for any it cannot. */
import type { Op, Tensors } from "../tensor.ts";
import * as batchNorm from "./batch-norm.ts";
import * as broadcast from "./broadcast.ts";
import * as conv from "./conv.ts";
import * as dataMovement from "./data-movement.ts";
import * as elementwise from "./elementwise.ts";
import * as gelu from "./gelu.ts";
import * as indexing from "./indexing.ts";
import * as matmul from "./matmul.ts";
import * as pool from "./pool.ts";
import * as reduce from "./reduce.ts";

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
  round: elementwise.roundOp,
  relu: elementwise.reluOp,
  reluGrad: elementwise.reluGradOp,
  gelu: gelu.geluOp,
  geluGrad: gelu.geluGradOp,
  equal: elementwise.equalOp,
  less: elementwise.lessOp,
  maximum: elementwise.maximumOp,
  minimum: elementwise.minimumOp,
  clamp: elementwise.clampOp,
  stopGradient: elementwise.stopGradientOp,
  sum: broadcast.sumOp,
  max: reduce.maxOp,
  reshape: broadcast.reshapeOp,
  broadcastTo: broadcast.broadcastToOp,
  permute: dataMovement.permuteOp,
  concat: dataMovement.concatOp,
  slice: dataMovement.sliceOp,
  sliceGrad: dataMovement.sliceGradOp,
  lookupRows: indexing.lookupRowsOp,
  indexSelect: indexing.indexSelectOp,
  indexSelectGrad: indexing.indexSelectGradOp,
  indexCopy: indexing.indexCopyOp,
  gather: indexing.gatherOp,
  gatherGrad: indexing.gatherGradOp,
  row: indexing.rowOp,
  channelShuffle: dataMovement.channelShuffleOp,
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
  logSoftmax: reduce.logSoftmaxOp,
} as const satisfies Record<string, Op<never>>;

export type OpName = keyof typeof ops;

/** What an operation's attributes are, and which tensors it reads. */
export type AttributesOf<Name extends OpName> =
  (typeof ops)[Name] extends Op<infer Attributes, infer _> ? Attributes : never;
export type InputsOf<Name extends OpName> = (typeof ops)[Name] extends Op<infer _, infer Inputs> ? Inputs : never;
/** One item for each tensor that an operation reads. */
export type ForInputs<Name extends OpName, Item> = Items<InputsOf<Name>, Item>;
type Items<Inputs extends Tensors, Item> = { readonly [I in keyof Inputs]: Item };

/**
 * The rows of a table by operation, not by name: another operation that is called `add` is none of ours. A row takes what its own operation
 * has; `Row` is the type that all of them are called by.
 */
export function rowsByOp<Row>(rows: { readonly [Name in OpName]?: unknown }): ReadonlyMap<Op<never>, Row> {
  return new Map((Object.keys(rows) as OpName[]).map((name) => [ops[name], rows[name] as Row]));
}
