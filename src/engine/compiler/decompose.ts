/**
 * @file Operations that engines compute as others: normalisation, once its sums are known, and GELU are arithmetic element by
 * element, which one pass does together with what comes before and after (a residual, a ReLU and its gradient).
 */
import { topologicalOrder, type Graph } from "../../tensor/graph.ts";
import { batchNormEval, perChannel } from "../../tensor/ops/batch-norm.ts";
import { add, div, mul, sqrt, sub } from "../../tensor/ops/elementwise.ts";
import { ops, type AttributesOf, type InputsOf, type OpName } from "../../tensor/ops/index.ts";
import { row } from "../../tensor/ops/indexing.ts";
import { Tensor, type Op } from "../../tensor/tensor.ts";
import { geluGradParts, geluParts } from "./gelu.ts";

/** The same computation with such operations written as others. Inputs and states stay the objects they are. */
export function decompose(graph: Graph): Graph {
  const replaced = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  const outputs = Object.entries(graph.outputs);
  for (const node of topologicalOrder([...outputs.map(([, tensor]) => tensor), ...graph.updates.map((u) => u.value)])) {
    const inputs = node.inputs.map(now);
    const parts = byOp.get(node.op);
    if (parts) replaced.set(node, parts(inputs, node.attributes));
    else if (inputs.some((x, i) => x !== node.inputs[i]))
      replaced.set(node, new Tensor(node.op, inputs, node.attributes, node.shape, node.dtype));
  }
  return {
    outputs: Object.fromEntries(outputs.map(([name, tensor]) => [name, now(tensor)])),
    updates: graph.updates.map(({ state, value }) => ({ state, value: now(value) })),
  };
}

/** Whether `decompose` leaves none of an operation. */
export function isDecomposed(op: Op<never>): boolean {
  return byOp.has(op);
}

export type DecomposedName = keyof typeof decompositions;

type Decomposition<Name extends OpName> = (inputs: InputsOf<Name>, attributes: AttributesOf<Name>) => Tensor;

/** One of some operation, called with what that operation has. */
type AnyDecomposition = (inputs: readonly Tensor[], attributes: unknown) => Tensor;

const decompositions = {
  gelu: ([x], attributes) => geluParts(x, attributes),
  geluGrad: ([g, x], attributes) => geluGradParts(g, x, attributes),
  batchNormTrain: ([x, moments, weight, bias], { eps }) =>
    batchNormEval(x, row(moments, 0), row(moments, 1), { weight, bias, eps }),
  /** weight / σ·(g - Σg / n - (x - mean)·(Σ(g·x̂) / (n·σ))), σ = √(variance + eps) */
  batchNormInputGrad: ([g, x, moments, weight, sums], { eps }) => {
    const count = x.size / weight.size;
    const deviation = sqrt(add(row(moments, 1), eps));
    const along = div(row(sums, 0), mul(deviation, count));
    const centred = sub(x, perChannel(row(moments, 0), x));
    const rest = sub(sub(g, perChannel(div(row(sums, 1), count), x)), mul(centred, perChannel(along, x)));
    return mul(rest, perChannel(div(weight, deviation), x));
  },
} as const satisfies { readonly [Name in OpName]?: Decomposition<Name> };

const byOp: ReadonlyMap<Op<never>, AnyDecomposition> = new Map(
  Object.entries(decompositions).map(([name, parts]) => [ops[name as DecomposedName], parts as AnyDecomposition]),
);
