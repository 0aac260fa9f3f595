/** @file The table of cases, by family of operations. */
import { batchNorm } from "./batch-norm.ts";
import type { Case } from "./case.ts";
import { conv } from "./conv.ts";
import { elementwise } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { dataMovement } from "./data-movement.ts";
import { pool } from "./pool.ts";
import { reduce } from "./reduce.ts";
import { reshape } from "./reshape.ts";
import { softmaxAndGather } from "./softmax.ts";

export const cases: readonly Case[] = [
  ...elementwise,
  ...reduce,
  ...reshape,
  ...dataMovement,
  ...matmul,
  ...conv,
  ...pool,
  ...batchNorm,
  ...softmaxAndGather,
];
