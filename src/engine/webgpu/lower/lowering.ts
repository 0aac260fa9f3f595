/** @file How an operation becomes kernels: what it is given, and which operations a kernel computes besides its own. */
import { ops, type AttributesOf, type ForInputs, type InputsOf, type OpName } from "../../../tensor/ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import type { FusionRules } from "../../compiler/fuse.ts";
import { isElementwise } from "../kernels/elementwise.ts";
import type { Buffer, Kernel } from "../kernels/kernel.ts";
import type { Epilogue } from "../kernels/epilogue.ts";
import { isRowMajor } from "../../wasm/kernels/layout.ts";

/** A node, where its inputs lie and its result goes, and what its store does besides. */
export interface LoweringInput<Name extends OpName> {
  readonly node: Tensor<AttributesOf<Name>, InputsOf<Name>>;
  /** The buffers of its inputs. */
  readonly inputs: ForInputs<Name, Buffer>;
  readonly y: Buffer;
  readonly epilogue: Omit<Epilogue, "bias">;
}

export type Lowering<Name extends OpName> = (given: LoweringInput<Name>) => Kernel[];

/** One for each of these operations; a missing one is a type error. */
export type Lowerings<Names extends OpName> = { readonly [Name in Names]: Lowering<Name> };

/** What the kernels can compute together. */
export const fusionRules: FusionRules = {
  isElementwise,
  isEpilogue: (node, x) => {
    if (node.op === ops.relu) return x.op === ops.conv2d || x.op === ops.linear;
    if (node.op !== ops.reluGrad) return false;
    if (x.op === ops.conv2dInputGrad || x.op === ops.matmul) return true;
    // Where the pool looked at the result of that ReLU, it knows where it was above 0.
    return x.op === ops.maxPool2dGrad && x.inputs[1] === node.inputs[1];
  },
  isInPlace: (reshape) => isRowMajor(reshape.shape) && isRowMajor(reshape.inputs[0]!.shape),
};
