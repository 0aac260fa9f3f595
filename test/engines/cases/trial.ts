/** @file A case made ready to run: its value, and the gradient of a random weighting of that value, as one graph. */
import { analyse, gradients, input, mul, state, sum, type Graph, type Tensor } from "../../../src/tensor/index.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import type { Numbers } from "../../../src/engine/reference/kernels/kernel.ts";
import { Draws } from "../random.ts";
import type { Case } from "./case.ts";

/** What engines are given, and what finite differences vary. */
export interface Trial {
  /** Outputs `value`, and `gradient 0`, ... = dloss/d(input) for each float32 input. */
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Float32Array | Int32Array>>;
  /** What states of bytes hold: `writeBytes`. */
  readonly bytes: ReadonlyMap<Tensor, Uint8Array>;
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
  const tensors = inputs.map(({ shape, dtype }, i) =>
    dtype === "uint8" ? state(`x${i}`, shape, dtype) : input(`x${i}`, shape, dtype),
  );
  const value = build(...tensors);
  const weight = input("weight", value.shape);
  const loss = sum(mul(value, weight));
  const variables = tensors.filter(({ dtype }) => dtype === "float32");
  const gradientOutputs = gradients(loss, variables).map((gradient, i) => [`gradient ${i}`, gradient] as const);
  const given: Record<string, Float32Array | Int32Array> = { weight: draws.normals(weight.size) };
  const bytes = new Map<Tensor, Uint8Array>();
  for (const [i, values] of inputs.entries()) {
    const drawn = values.draw(draws);
    if (drawn instanceof Uint8Array) bytes.set(tensors[i]!, drawn);
    else given[`x${i}`] = drawn;
  }
  const graph = { outputs: { value, ...Object.fromEntries(gradientOutputs) }, updates: [] };
  return {
    graph,
    inputs: usedInputs(graph, given),
    bytes,
    sources: new Map<Tensor, Numbers>([
      [weight, given.weight!],
      ...tensors.map((tensor, i) => [tensor, bytes.get(tensor) ?? given[`x${i}`]!] as const),
    ]),
    variables,
    loss,
  };
}

/** Has an engine keep the bytes of a trial. */
export async function writeBytes(engine: Engine, { bytes }: Trial): Promise<void> {
  for (const [tensor, values] of bytes)
    await engine.writeRows(
      tensor,
      Int32Array.from({ length: tensor.shape[0]! }, (_, row) => row),
      values,
    );
}

/** Those of the values that a graph has an input for: what gives no gradient to anything falls out of it. */
export function usedInputs<Values>(graph: Graph, given: Readonly<Record<string, Values>>): Record<string, Values> {
  const used = analyse(graph).inputs;
  return Object.fromEntries(Object.entries(given).filter(([name]) => used.has(name)));
}
