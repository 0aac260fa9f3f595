/** @file A case made ready to run: its value, and the gradient of a random weighting of that value, as one graph. */
import { analyse, gradients, input, mul, sum, type Graph, type Tensor } from "../../../src/tensor/index.ts";
import type { Numbers } from "../../../src/engine/reference/kernels/kernel.ts";
import { Draws } from "../random.ts";
import type { Case } from "./case.ts";

/** What engines are given, and what finite differences vary. */
export interface Trial {
  /** Outputs `value`, and `gradient 0`, ... = dloss/d(input) for each float32 input. */
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Float32Array | Int32Array>>;
  /** The same values by tensor. */
  readonly sources: ReadonlyMap<Tensor, Numbers>;
  /** The float32 inputs, in the order of their gradients. */
  readonly variables: readonly Tensor[];
  /** Σ value·weight, of a random weight. */
  readonly loss: Tensor;
}

/** Draws a case's inputs, seeded by its name. */
export function trialOf({ op, title, inputs, build }: Case): Trial {
  const draws = new Draws(`${op} ${title}`);
  const tensors = inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype));
  const value = build(...tensors);
  const weight = input("weight", value.shape);
  const loss = sum(mul(value, weight));
  const variables = tensors.filter(({ dtype }) => dtype === "float32");
  const gradientOutputs = gradients(loss, variables).map((gradient, i) => [`gradient ${i}`, gradient] as const);
  const given: Record<string, Float32Array | Int32Array> = { weight: draws.normals(weight.size) };
  for (const [i, values] of inputs.entries()) given[`x${i}`] = values.draw(draws);
  const graph = { outputs: { value, ...Object.fromEntries(gradientOutputs) }, updates: [] };
  return {
    graph,
    inputs: usedInputs(graph, given),
    sources: new Map<Tensor, Numbers>([
      [weight, given.weight!],
      ...tensors.map((tensor, i) => [tensor, given[`x${i}`]!] as const),
    ]),
    variables,
    loss,
  };
}

/** Those of the values that a graph has an input for: what gives no gradient to anything falls out of it. */
export function usedInputs<Values>(graph: Graph, given: Readonly<Record<string, Values>>): Record<string, Values> {
  const used = analyse(graph).inputs;
  return Object.fromEntries(Object.entries(given).filter(([name]) => used.has(name)));
}
