/** @file From a graph to kernels, and of them to fewer. */
import type { AnalysedGraph, Graph } from "../../../tensor/graph.ts";
import type { DType, Tensor } from "../../../tensor/tensor.ts";
import { checkDispatches } from "../../compiler/check.ts";
import { lowerGraph, type LoweredGraph } from "../../compiler/lower.ts";
import { copyBoxes, fill } from "../kernels/copy.ts";
import { isElementwise } from "../kernels/elementwise.ts";
import { Buffer, type Kernel } from "../kernels/kernel.ts";
import { elementwisePasses } from "../kernels/passes.ts";
import { joinUpdates } from "./join.ts";
import { loweringOf } from "./lowerings.ts";
import { recompute } from "./recompute.ts";

export type Lowered = LoweredGraph<Buffer, Kernel>;

/** Chooses kernels for a graph, of at most `mostBuffers` storage buffers each. `stateMemory` says where a state lies; inputs are given row-major. Throws UNSUPPORTED, naming the operation. */
export function lower(
  graph: Graph,
  analysed: AnalysedGraph,
  stateMemory: (state: Tensor) => Buffer,
  mostBuffers: number,
): Lowered {
  const lowered = lowerGraph<Buffer, Kernel>(graph, analysed, {
    engine: "webgpu",
    memory: bufferOf,
    stateMemory,
    isElementwise,
    elementwise: (pass) => elementwisePasses(pass, mostBuffers),
    loweringOf,
    copyBoxes,
    fill,
  });
  const updated = new Set(graph.updates.map(({ state }) => stateMemory(state)));
  const given = [...lowered.inputs.values(), ...lowered.kept, ...analysed.states.map(stateMemory)];
  const outputs = [...lowered.outputs.values()].filter((buffer) => !given.includes(buffer));
  const wanted = new Set([...updated, ...outputs]);
  const everyRun = joinUpdates(recompute(lowered.everyRun, wanted, mostBuffers), updated, mostBuffers);
  checkDispatches(everyRun, { given, wanted });
  return { ...lowered, everyRun };
}

function bufferOf(label: string, elements: number, dtype: DType): Buffer {
  return new Buffer(label, elements, dtype === "int32" ? "i32" : "f32");
}
