/** @file What became of a graph, in words: which operations are computed together, how, and why so. */
import { formatShape } from "../../../tensor/shape.ts";
import { decide, isConvolutionOrGradient, type Decision } from "./choose.ts";
import type { LoweredGroup } from "./lower.ts";

/** Operations computed together. */
export interface ExplainedGroup {
  /** In order, with what they give: `conv2d [128, 64, 32, 32]`, `relu [128, 64, 32, 32]`. */
  readonly operations: readonly string[];
  /** Labels of its kernels, as a profile has them. */
  readonly kernels: readonly string[];
  /** Of a convolution or its gradients. */
  readonly decision?: Decision;
}

export function explain(groups: readonly LoweredGroup[]): ExplainedGroup[] {
  return groups.map(({ nodes, kernels }) => {
    const [first] = nodes;
    const isConvolution = isConvolutionOrGradient(first!.op);
    return {
      operations: nodes.map(({ op, shape }) => `${op.name} ${formatShape(shape)}`),
      kernels: kernels.map(({ label }) => label),
      ...(isConvolution && { decision: decide(first!) }),
    };
  });
}
