/** @file The same computation of something else. */
import { topologicalOrder } from "./graph.ts";
import { Tensor } from "./tensor.ts";

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
