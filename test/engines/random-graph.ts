/** @file Random graphs: what no one thought of as a case. */
import * as t from "../../src/tensor/index.ts";
import { usedInputs } from "./cases/trial.ts";
import { productions, shuffled } from "./productions.ts";
import { Draws } from "./random.ts";

/** A graph, and what its inputs and states hold before its first run. */
export interface RandomGraph {
  readonly graph: t.Graph;
  readonly inputs: Readonly<Record<string, Float32Array | Int32Array>>;
  readonly states: ReadonlyMap<t.Tensor, Float32Array>;
}

/** Two losses or fewer, say, are enough to have gradients that share parts. */
const mostLosses = 3;

/**
 * A few inputs and states, a dozen operations on them or on each other's results, several losses of the results (their
 * means, squares, or products with an input), the gradients of some of these by some of the leaves and of what is between,
 * outputs from anywhere, and updates of the states: by a step against a gradient, by each other's values, by one value for several.
 */
export function randomGraph(seed: string): RandomGraph {
  const draws = new Draws(seed);
  const inputs: Record<string, Float32Array | Int32Array> = {};
  const states = new Map<t.Tensor, Float32Array>();
  const leaves: t.Tensor[] = [];
  const stateful = draws.uniform() < 0.5;
  const stateOf = (shape: t.Shape): t.Tensor => {
    const tensor = t.state(`s${states.size}`, shape);
    states.set(tensor, draws.normals(tensor.size));
    return tensor;
  };
  const leaf = (shape: t.Shape): t.Tensor => {
    const tensor =
      stateful && draws.uniform() < 0.5 ? stateOf(shape) : t.input(`x${Object.keys(inputs).length}`, shape);
    if (t.isInput(tensor)) inputs[tensor.attributes.name] = draws.normals(tensor.size);
    leaves.push(tensor);
    return tensor;
  };
  const indices = (shape: t.Shape, limit: number): t.Tensor => {
    const tensor = t.input(`x${Object.keys(inputs).length}`, shape, "int32");
    inputs[tensor.attributes.name] = Int32Array.from({ length: tensor.size }, () => draws.below(limit));
    return tensor;
  };

  const tensors: t.Tensor[] = [leaf(randomImage(draws)), leaf(randomShape(draws)), leaf(randomMatrix(draws))];
  const steps = 3 + draws.below(12);
  for (let step = 0; step < steps; step++) {
    const x = draws.uniform() < 0.5 ? tensors.at(-1)! : draws.pick(tensors);
    const result = draws.pick(productions)(x, { draws, tensors, leaf, indices });
    if (result && result.size <= 3000) tensors.push(result);
  }

  const lossTerm = (x: t.Tensor): t.Tensor =>
    draws.pick([() => t.mean(x), () => t.mean(t.square(x)), () => t.mean(t.mul(x, leaf(x.shape)))])();
  const losses = Array.from({ length: 1 + draws.below(mostLosses) }, () =>
    [...tensors.slice(-1), ...some(tensors, 0.2, draws)].map(lossTerm).reduce((a, b) => t.add(a, b)),
  );
  const gradients: t.Tensor[] = [];
  const updates: t.Update[] = [];
  for (const loss of losses) {
    const sought = some([...leaves, ...tensors.slice(3)], 0.6, draws);
    const found = t.gradients(loss, sought);
    for (const [i, gradient] of found.entries()) {
      const x = sought[i]!;
      const isUpdated = updates.some(({ state }) => state === x);
      if (!t.isState(x) || isUpdated || draws.uniform() < 0.3) {
        gradients.push(gradient);
        continue;
      }
      const momentum = stateOf(x.shape);
      const step = t.add(t.mul(momentum, 0.9), gradient);
      updates.push({ state: x, value: t.sub(x, t.mul(step, 0.01)) });
      if (draws.uniform() < 0.7) updates.push({ state: momentum, value: step });
    }
  }
  if (stateful) updates.push(...copies([...tensors, ...gradients], stateOf, draws));
  const shown = [...losses, ...some(gradients, 0.8, draws), ...some(tensors, 0.3, draws), ...some(leaves, 0.1, draws)];
  const graph = { outputs: Object.fromEntries(shown.map((x, i) => [`output ${i}`, x])), updates };
  const used = new Set(t.analyse(graph).states);
  return {
    graph,
    inputs: usedInputs(graph, inputs),
    states: new Map([...states].filter(([state]) => used.has(state))),
  };
}

/** Updates of new states by values that there are: as they are, renamed, mixed with the old, one for two, two exchanged. */
function copies(values: readonly t.Tensor[], stateOf: (shape: t.Shape) => t.Tensor, draws: Draws): t.Update[] {
  return some(values, 0.2, draws).flatMap((value) => {
    const [a, b] = [stateOf(value.shape), stateOf(value.shape)];
    return draws.pick<() => t.Update[]>([
      () => [{ state: a, value }],
      () => [{ state: a, value: t.add(t.mul(a, 0.9), t.mul(value, 0.1)) }],
      () => [
        { state: a, value: t.stopGradient(value) },
        { state: b, value },
      ],
      () => [
        { state: a, value },
        { state: b, value: t.reshape(t.reshape(value, [value.size]), value.shape) },
      ],
      () => [
        { state: a, value: b },
        { state: b, value: t.add(a, t.mul(value, 0.1)) },
      ],
    ])();
  });
}

function some<Item>(items: readonly Item[], share: number, draws: Draws): Item[] {
  return shuffled(
    items.filter(() => draws.uniform() < share),
    draws,
  );
}

function randomImage(draws: Draws): t.Shape {
  return [1 + draws.below(3), 1 + draws.below(5), 2 + draws.below(6), 2 + draws.below(6)];
}

function randomMatrix(draws: Draws): t.Shape {
  return [1 + draws.below(5), 1 + draws.below(5)];
}

function randomShape(draws: Draws): t.Shape {
  return Array.from({ length: draws.below(4) }, () => 1 + draws.below(5));
}
