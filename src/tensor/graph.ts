/** @file What an engine compiles: named results to read, and states to overwrite, after one run. Its order, its checks, and one tensor put for another. */
import { elementAt } from "../elements.ts";
import { byName, checkArguments, having, listOf } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { formatShape, sameShape } from "./shape.ts";
import { aTensor, isInput, isState, Tensor } from "./tensor.ts";

/** `state` takes `value` when a run ends. All updates see the states as they were when it began. */
export interface Update {
  readonly state: Tensor;
  readonly value: Tensor;
}

/** A computation: everything that `outputs` and `updates` depend on. */
export interface Graph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates: readonly Update[];
}

/** A graph's tensors in an order where each comes after its inputs: outputs' first, then the updates'. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  // NOTE: a stack of our own; a deep network's graph overflows recursion.
  const stack: { tensor: Tensor; next: number }[] = [];
  const push = (tensor: Tensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    stack.push({ tensor, next: 0 });
  };
  for (const root of roots) {
    push(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (top.next < top.tensor.inputs.length) {
        push(elementAt(top.tensor.inputs, top.next++));
      } else {
        order.push(top.tensor);
        stack.pop();
      }
    }
  }
  return order;
}

/** The tensors of a graph in order, with its inputs by name and its states. Throws where the graph contradicts itself. */
export interface AnalysedGraph {
  readonly order: readonly Tensor[];
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly states: readonly Tensor[];
}

const aGraph = having("a graph", {
  outputs: byName("tensors by name", () => aTensor),
  updates: listOf(having("an update", { state: aTensor, value: aTensor })),
});

/** Orders and checks a graph. Throws ARGUMENT for two inputs of one name, or an update of what is no state; SHAPE for an update that does not fit, or an int32 result. */
export function analyse(graph: Graph): AnalysedGraph {
  checkArguments("compile", { graph: [graph, aGraph] });
  const updated = new Set<Tensor>();
  for (const { state, value } of graph.updates) {
    if (!isState(state))
      throw new LimbeckError("ARGUMENT", `an update should name a state, got the result of ${state.op.name}`);
    if (updated.has(state))
      throw new LimbeckError("ARGUMENT", `state ${state.attributes.name} is updated twice in one graph`);
    updated.add(state);
    if (state.dtype !== "float32")
      throw new LimbeckError(
        "ARGUMENT",
        `state ${state.attributes.name} holds bytes, which no graph updates; write its rows with writeRows`,
      );
    if (!sameShape(state.shape, value.shape) || value.dtype !== "float32") {
      throw new LimbeckError(
        "SHAPE",
        `the update of ${state.attributes.name} should be float32 ${formatShape(state.shape)}, got ${value.dtype} ${formatShape(value.shape)}`,
      );
    }
  }
  for (const [name, { dtype }] of Object.entries(graph.outputs)) {
    if (dtype !== "float32") throw new LimbeckError("SHAPE", `output ${name} should be float32, got ${dtype}`);
  }
  const order = topologicalOrder([
    ...Object.values(graph.outputs),
    ...graph.updates.flatMap((u) => [u.value, u.state]),
  ]);
  const inputs = new Map<string, Tensor>();
  for (const tensor of order) {
    if (!isInput(tensor)) continue;
    const { name } = tensor.attributes;
    if (inputs.has(name)) throw new LimbeckError("ARGUMENT", `two different inputs of one graph are named ${name}`);
    inputs.set(name, tensor);
  }
  return { order, inputs, states: order.filter(isState) };
}

/** The roots as they would have been recorded with `to` in the place of `from`, of its shape and type. What does not depend on `from` is shared. */
export function substitute(roots: readonly Tensor[], from: Tensor, to: Tensor): Tensor[] {
  const replaced = new Map<Tensor, Tensor>([[from, to]]);
  for (const node of topologicalOrder(roots)) {
    if (replaced.has(node) || !node.inputs.some((x) => replaced.has(x))) continue;
    const inputs = node.inputs.map((x) => replaced.get(x) ?? x);
    replaced.set(node, new Tensor(node.op, inputs, node.attributes, node.shape, node.dtype));
  }
  return roots.map((root) => replaced.get(root) ?? root);
}
