/** @file From a graph to kernels, and how what came of it is explained. */
import { elementAt } from "../../../elements.ts";
import type { AnalysedGraph, Graph } from "../../../tensor/graph.ts";
import { formatShape } from "../../../tensor/shape.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { lowerGraph, type LoweredGraph, type LoweredGroup } from "../../compiler/lower.ts";
import { fill } from "../kernels/copy.ts";
import { elementwisePass, isElementwise } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import type { TileShape } from "../kernels/tile.ts";
import { decide, isConvolutionOrGradient, type Decision } from "./choose.ts";
import { copyBoxes, loweringOf } from "./lowerings.ts";

export type Lowered = LoweredGraph<Buffer, Kernel>;

/** Chooses kernels for a graph. `stateBuffer` says where a state lies; inputs are given row-major, or as tensors lie in memory. Throws UNSUPPORTED, naming the operation. */
export function lower(
  graph: Graph,
  analysed: AnalysedGraph,
  tile: TileShape,
  stateBuffer: (state: Tensor) => Buffer,
  inputOrder: "row-major" | "memory" = "row-major",
): Lowered {
  const target = {
    engine: "wasm",
    memory: (label: string, elements: number) => new Buffer(label, elements),
    stateMemory: stateBuffer,
    isElementwise,
    elementwise: (pass: Parameters<typeof elementwisePass>[0]) => [elementwisePass(pass)],
    loweringOf: (op: Parameters<typeof loweringOf>[0]) => loweringOf(op, tile),
    copyBoxes,
    fill,
  };
  return lowerGraph(graph, analysed, target, inputOrder);
}

/** Operations computed together. */
export interface ExplainedGroup {
  /** In order, with what they give: `conv2d [128, 64, 32, 32]`, `relu [128, 64, 32, 32]`. */
  readonly operations: readonly string[];
  /** Labels of its kernels, as a profile has them. */
  readonly kernels: readonly string[];
  /** Of a convolution or its gradients. */
  readonly decision?: Decision;
}

export function explain(groups: readonly LoweredGroup<Kernel>[], tile: TileShape): ExplainedGroup[] {
  return groups.map(({ nodes, kernels }) => {
    const first = elementAt(nodes, 0);
    return {
      operations: nodes.map(({ op, shape }) => `${op.name} ${formatShape(shape)}`),
      kernels: kernels.map(({ label }) => label),
      ...(isConvolutionOrGradient(first.op) && { decision: decide(first, tile) }),
    };
  });
}
