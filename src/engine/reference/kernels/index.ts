/** @file The table of kernels: one for each operation of the tensor language. */
import { rowsByOp, type OpName } from "../../../tensor/ops/index.ts";
import type { Op, Tensor } from "../../../tensor/tensor.ts";
import type { Kernel, Numbers } from "./kernel.ts";
import * as batchNorm from "./batch-norm.ts";
import * as conv from "./conv.ts";
import * as dataMovement from "./data-movement.ts";
import * as elementwise from "./elementwise.ts";
import * as gelu from "./gelu.ts";
import * as matmul from "./matmul.ts";
import * as pool from "./pool.ts";
import * as reduce from "./reduce.ts";

/** An operation without its kernel, or a kernel for other attributes, is a type error here. */
const kernels = {
  ...elementwise,
  ...gelu,
  ...reduce,
  ...dataMovement,
  ...matmul,
  ...conv,
  ...pool,
  ...batchNorm,
} satisfies { [Name in OpName]: Kernel<Name> };

/** A kernel of some operation, called with what that operation has. */
type AnyKernel = (node: Tensor, inputs: readonly Numbers[], output: Float32Array | Float64Array) => void;

const byOp = rowsByOp<AnyKernel>(kernels);

/** The kernel of an operation, if this engine has one. */
export function kernelOf(op: Op<never>): AnyKernel | undefined {
  return byOp.get(op);
}
