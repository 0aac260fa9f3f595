/**
 * @file Numbers per channel that a convolution's or a linear layer's result is added to or multiplied by, put into its weight and
 * bias: so a batch norm in evaluation costs nothing, once the new weight is prepared (prepare.ts).
 */
import { topologicalOrder, type Graph } from "../../tensor/graph.ts";
import { reshape } from "../../tensor/ops/broadcast.ts";
import { add, mul, neg, sub } from "../../tensor/ops/elementwise.ts";
import { ops } from "../../tensor/ops/index.ts";
import type { Shape } from "../../tensor/shape.ts";
import { isConstant, isState, Tensor } from "../../tensor/tensor.ts";

/** What a layer reads. */
interface Layer {
  readonly op: Tensor["op"];
  readonly attributes: Tensor["attributes"];
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
}

/**
 * The same computation, but for rounding, with such arithmetic folded: where weight, bias and numbers are made of states that the
 * graph does not update, and nothing else needs what is between. Inputs and states stay the objects they are.
 */
export function fold(graph: Graph): Graph {
  const outputs = Object.entries(graph.outputs);
  const roots = [...outputs.map(([, tensor]) => tensor), ...graph.updates.map(({ value }) => value)];
  const order = topologicalOrder(roots);
  const fixed = fixedIn(order, new Set(graph.updates.map(({ state }) => state)));
  const uses = countUses(order, roots);
  const layers = new Map<Tensor, Layer>();
  const replaced = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;

  for (const node of order) {
    const { op, attributes, shape, dtype } = node;
    const inputs = node.inputs.map(now);
    const [x, weight, bias] = inputs;
    const isLayer = (op === ops.conv2d || op === ops.linear) && x !== undefined && weight !== undefined;
    if (isLayer && node.inputs.slice(1).every((tensor) => fixed.has(tensor))) {
      layers.set(node, { op, attributes, x, weight, bias });
    }
    const folded = followed(node, (tensor) => (uses.get(tensor) === 1 ? layers.get(tensor) : undefined), fixed);
    if (folded) {
      const { x, weight, bias } = folded;
      layers.set(node, folded);
      replaced.set(
        node,
        new Tensor(folded.op, bias ? [x, weight, bias] : [x, weight], folded.attributes, shape, dtype),
      );
    } else if (inputs.some((each, i) => each !== node.inputs[i])) {
      replaced.set(node, new Tensor(op, inputs, attributes, shape, dtype));
    }
  }
  return {
    outputs: Object.fromEntries(outputs.map(([name, tensor]) => [name, now(tensor)])),
    updates: graph.updates.map(({ state, value }) => ({ state, value: now(value) })),
  };
}

/** The layer that gives what `node`, which follows one, does; `undefined` where it does not, or does something else. */
function followed(
  { op, inputs, shape }: Tensor,
  layerBefore: (tensor: Tensor) => Layer | undefined,
  fixed: ReadonlySet<Tensor>,
): Layer | undefined {
  const [first, second] = inputs;
  if (!first || !second) return undefined;
  const isFirst = layerBefore(first) !== undefined;
  const [before, numbers] = isFirst ? [first, second] : [second, first];
  const layer = layerBefore(before);
  if (!layer || !fixed.has(numbers) || !isPerChannel(numbers.shape, shape)) return undefined;
  const { weight, bias } = layer;
  const each = reshape(numbers, [numbers.size]);
  if (op === ops.add) return { ...layer, bias: bias ? add(bias, each) : each };
  if (op === ops.sub && isFirst) return { ...layer, bias: bias ? sub(bias, each) : neg(each) };
  if (op !== ops.mul) return undefined;
  const along = reshape(numbers, [numbers.size, ...weight.shape.slice(1).map(() => 1)]);
  return { ...layer, weight: mul(weight, along), bias: bias && mul(bias, each) };
}

/** Whether `numbers`, stretched to y [N, C] or [N, C, H, W], are one for each channel. */
function isPerChannel(numbers: Shape, y: Shape): boolean {
  const channels = numbers.length - y.length + 1;
  const isChannelled = y.length === 2 || y.length === 4;
  return isChannelled && numbers[channels] === y[1] && numbers.every((size, axis) => size === 1 || axis === channels);
}

/** What is made of states that are not updated, and of numbers that stand in the graph. */
function fixedIn(order: readonly Tensor[], updated: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const fixed = new Set<Tensor>();
  for (const tensor of order) {
    const isOwn = isConstant(tensor) || (isState(tensor) && !updated.has(tensor));
    const isMade = tensor.inputs.length > 0 && tensor.inputs.every((x) => fixed.has(x));
    if (isOwn || isMade) fixed.add(tensor);
  }
  return fixed;
}

function countUses(order: readonly Tensor[], roots: readonly Tensor[]): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const tensor of [...order.flatMap(({ inputs }) => inputs), ...roots]) {
    uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  }
  return uses;
}
