/** @file What the wasm engine's kernels can compute together. */
import { ops } from "../../../tensor/ops/index.ts";
import type { FusionRules } from "../../compiler/fuse.ts";
import { isElementwise } from "../kernels/elementwise.ts";
import { isRowMajor } from "./layout.ts";

export const fusionRules: FusionRules = {
  isElementwise,
  isEpilogue: (node, x) => {
    if (node.op === ops.relu) return x.op === ops.conv2d || x.op === ops.linear;
    if (node.op !== ops.reluGrad) return false;
    if (x.op === ops.conv2dInputGrad || x.op === ops.matmul) return true;
    // The pooled value tells whether the ReLU let its largest element through, if the pool looked at that ReLU's result.
    return x.op === ops.maxPool2dGrad && x.inputs[1] === node.inputs[1];
  },
  isInPlace: (reshape) => isRowMajor(reshape.shape) && isRowMajor(reshape.inputs[0]!.shape),
};
