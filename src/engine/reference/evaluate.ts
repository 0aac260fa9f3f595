/** @file Computes a graph, node by node in order: the whole of the oracle but for what it keeps between runs. */
import { valueAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { analyse, type Graph } from "../../tensor/graph.ts";
import { isConstant, isInput, isState, type Op, type Tensor } from "../../tensor/tensor.ts";
import type { Numbers } from "./kernels/kernel.ts";
import { kernelOf } from "./kernels/index.ts";

/** `float32` rounds each operation's result, sums inside it being float64; `float64` rounds nothing. */
export type Precision = "float32" | "float64";

/** Values of a graph's inputs and states by tensor. A state that is left out is zeros. */
export type Sources = ReadonlyMap<Tensor, Numbers>;

/**
 * A graph's outputs by name, in float64: what tests hold other engines, and finite differences, against.
 *
 * Throws UNSUPPORTED, and ARGUMENT for a source that is missing or of the wrong length.
 */
export function evaluate(graph: Graph, sources: Sources): Readonly<Record<string, Float64Array>> {
  const { order } = analyse(graph);
  checkSupported(order);
  for (const tensor of order) {
    const count = sources.get(tensor)?.length;
    if (count === tensor.size || (count === undefined && !isInput(tensor))) continue;
    const name = isInput(tensor) ? `input ${tensor.attributes.name}` : tensor.op.name;
    throw new LimbeckError("ARGUMENT", `evaluate: ${name} should have ${tensor.size} values, got ${count ?? "none"}`);
  }
  const valuesOf = evaluateInOrder(order, sources, "float64");
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, tensor]) => [name, Float64Array.from(valueAt(valuesOf, tensor))]),
  );
}

/**
 * The values of all of a graph's tensors, which come in an order where each follows its inputs (`AnalysedGraph.order`).
 * Every input must be among the sources, and every operation supported.
 */
export function evaluateInOrder(
  order: readonly Tensor[],
  sources: Sources,
  precision: Precision,
): ReadonlyMap<Tensor, Numbers> {
  const FloatArray = precision === "float32" ? Float32Array : Float64Array;
  const valuesOf = new Map<Tensor, Numbers>(sources);
  for (const tensor of order) {
    if (valuesOf.has(tensor)) continue;
    const values = new FloatArray(tensor.size);
    if (isConstant(tensor)) values.fill(tensor.attributes.value);
    else if (!isState(tensor)) {
      const inputs = tensor.inputs.map((input) => valueAt(valuesOf, input));
      const kernel = kernelOf(tensor.op);
      if (!kernel) throw unsupported(tensor.op);
      kernel(tensor, inputs, values);
    }
    valuesOf.set(tensor, values);
  }
  return valuesOf;
}

/** Throws UNSUPPORTED, naming the first operation that has no kernel. */
export function checkSupported(order: readonly Tensor[]): void {
  for (const tensor of order) {
    if (isInput(tensor) || isState(tensor) || isConstant(tensor) || kernelOf(tensor.op)) continue;
    throw unsupported(tensor.op);
  }
}

function unsupported({ name }: Op<never>): LimbeckError {
  return new LimbeckError(
    "UNSUPPORTED",
    `the reference engine cannot run ${name}: it is not in the table of operations (tensor/ops/index.ts)`,
  );
}
