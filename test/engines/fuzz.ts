/** @file Random graphs: what no one thought of as a case. */
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { evaluate } from "../../src/engine/reference/index.ts";
import type { Numbers } from "../../src/engine/reference/kernel.ts";
import * as t from "../../src/tensor/index.ts";
import { usedInputs } from "./cases/trial.ts";
import { expectClose } from "./close.ts";
import type { Factory } from "./opener.ts";
import { Draws } from "./random.ts";

/** Runs 300 random graphs, values and gradients; a failure's name is the seed that makes it again. */
export function fuzz(factory: Factory, tolerance: number): void {
  describe("random graphs", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await factory();
    });
    afterAll(() => engine.close());

    test.each(Array.from({ length: 300 }, (_, i) => `graph ${i}`))("%s", async (seed) => {
      const { graph, inputs, sources } = randomGraph(seed);
      const expected = evaluate(graph, sources);
      const program = await engine.compile(graph);
      const got = await program.run(inputs);
      program.close();
      for (const output of Object.keys(graph.outputs)) {
        expectClose(output, got[output]!, expected[output]!, { tolerance: 20 * tolerance, leastSize: 0.01 });
      }
    });
  });
}

/** A few inputs, a dozen operations on them or on each other's results, and the gradients of the mean of the last ones' squares. */
function randomGraph(seed: string): {
  graph: t.Graph;
  inputs: Record<string, Float32Array>;
  sources: ReadonlyMap<t.Tensor, Numbers>;
} {
  const draws = new Draws(seed);
  const inputs: Record<string, Float32Array> = {};
  const sources = new Map<t.Tensor, Numbers>();
  const leaf = (shape: t.Shape): t.Tensor => {
    const tensor = t.input(`x${sources.size}`, shape);
    const values = draws.normals(tensor.size);
    inputs[tensor.attributes.name] = values;
    sources.set(tensor, values);
    return tensor;
  };
  const tensors: t.Tensor[] = [leaf(randomImage(draws)), leaf(randomShape(draws))];
  const steps = 4 + draws.below(9);
  for (let step = 0; step < steps; step++) {
    const result = draws.pick(productions)(draws.pick(tensors), { draws, tensors, leaf });
    if (result && result.size <= 3000) tensors.push(result);
  }
  const results = tensors.slice(-3);
  const loss = results.map((x) => t.mean(t.square(x))).reduce((a, b) => t.add(a, b));
  const gradients = t.gradients(loss, [...sources.keys()]);
  const outputs = Object.fromEntries([
    ...results.map((x, i) => [`result ${i}`, x] as const),
    ...gradients.map((x, i) => [`gradient ${i}`, x] as const),
  ]);
  const graph = { outputs: { loss, ...outputs }, updates: [] };
  return { graph, inputs: usedInputs(graph, inputs), sources };
}

interface Surroundings {
  readonly draws: Draws;
  readonly tensors: readonly t.Tensor[];
  /** A new input. */
  leaf(shape: t.Shape): t.Tensor;
}

/** Makes a new tensor from x, or nothing where x does not suit. Results stay near 1 in size, so that tolerances mean something. */
type Production = (x: t.Tensor, surroundings: Surroundings) => t.Tensor | undefined;

const productions: readonly Production[] = [
  (x) => t.relu(x),
  (x) => t.neg(x),
  (x) => t.exp(t.neg(t.abs(x))),
  (x) => t.log(t.add(t.square(x), 1)),
  (x) => t.sqrt(t.add(t.square(x), 0.5)),
  (x, { leaf, draws }) => t.add(x, leaf(stretchable(x.shape, draws))),
  (x, { leaf, draws }) => t.mul(leaf(stretchable(x.shape, draws)), x),
  (x, { leaf, draws }) => t.div(leaf(stretchable(x.shape, draws)), t.add(t.square(x), 1)),
  (x, { tensors, draws }) => {
    const fitting = tensors.filter(({ shape }) => t.sameShape(shape, x.shape));
    return t.sub(x, t.mul(draws.pick(fitting), 0.3));
  },
  (x, { draws }) => {
    const axes = [...x.shape.keys()].filter(() => draws.uniform() < 0.5);
    return t.mean(x, { axes, keepDims: draws.uniform() < 0.5 });
  },
  (x, { tensors, draws }) => {
    const fitting = tensors.filter(({ shape }) => t.sameShape(shape, x.shape));
    return draws.pick([t.maximum, t.minimum])(x, t.mul(draws.pick(fitting), 0.7));
  },
  (x) => t.clamp(x, { min: -0.6, max: 1.1 }),
  (x, { draws }) => {
    const axes = [...x.shape.keys()].filter(() => draws.uniform() < 0.4);
    return t.max(x, { axes, keepDims: draws.uniform() < 0.5 });
  },
  (x, { draws }) => {
    if (x.shape.length === 0) return undefined;
    const axis = draws.below(x.shape.length);
    const from = draws.below(x.shape[axis]!);
    const part = t.slice(x, { axis, from });
    return draws.uniform() < 0.5 ? part : t.concat([part, x], axis);
  },
  (x, { draws }) => {
    if (x.shape.length !== 4) return undefined;
    const channels = x.shape[1]!;
    const groups = [...Array(channels).keys()].map((i) => i + 1).filter((count) => channels % count === 0);
    return t.channelShuffle(x, draws.pick(groups));
  },
  (x, { leaf, draws }) => {
    if (x.shape.length !== 3) return undefined;
    const [batch, , terms] = x.shape as [number, number, number];
    return t.mul(t.matmul(x, leaf([batch, 1 + draws.below(6), terms]), { transposeB: true }), terms ** -0.5);
  },
  (x, { draws }) => t.permute(x, shuffled([...x.shape.keys()], draws)),
  (x, { draws }) => t.broadcastTo(x, [1 + draws.below(3), ...x.shape]),
  (x, { draws }) => {
    const places = shuffled([...x.shape.keys()], draws).slice(0, 2);
    return t.reshape(x, places.length === 2 ? merged(x.shape, Math.min(...places)) : [1, x.size]);
  },
  (x) => (x.shape.length > 1 ? t.flatten(x) : undefined),
  (x) => (x.shape.length > 0 ? t.logSoftmax(x) : undefined),
  (x, { leaf, draws }) => {
    if (x.shape.length !== 2) return undefined;
    const terms = x.shape[1]!;
    return t.mul(t.linear(x, leaf([1 + draws.below(9), terms])), terms ** -0.5);
  },
  (x, { leaf, draws }) => {
    if (x.shape.length !== 2) return undefined;
    const terms = x.shape[0]!;
    return t.mul(t.matmul(leaf([terms, 1 + draws.below(6)]), x, { transposeA: true }), terms ** -0.5);
  },
  convolve,
  convolve,
  (x, { draws }) => {
    if (!isImage(x, 2)) return undefined;
    const pool = draws.pick([t.maxPool2d, t.avgPool2d]);
    return pool(x, 2, { stride: 1 + draws.below(2), padding: draws.below(2) });
  },
];

function convolve(x: t.Tensor, { leaf, draws }: Surroundings): t.Tensor | undefined {
  const kernel = draws.pick([1, 2, 3]);
  const padding = draws.below(2);
  if (!isImage(x, kernel - 2 * padding)) return undefined;
  const channels = x.shape[1]!;
  const groups = draws.uniform() < 0.3 ? channels : 1;
  const outputs = groups * (1 + draws.below(3));
  const weight = leaf([outputs, channels / groups, kernel, kernel]);
  const bias = draws.uniform() < 0.5 ? leaf([outputs]) : undefined;
  const size = (weight.size / outputs) ** -0.5;
  return t.mul(t.conv2d(x, weight, bias, { stride: 1 + draws.below(2), padding, groups }), size);
}

function isImage(x: t.Tensor, least: number): boolean {
  return x.shape.length === 4 && x.shape[2]! >= least && x.shape[3]! >= least;
}

function randomImage(draws: Draws): t.Shape {
  return [1 + draws.below(3), 1 + draws.below(5), 2 + draws.below(6), 2 + draws.below(6)];
}

function randomShape(draws: Draws): t.Shape {
  return Array.from({ length: draws.below(4) }, () => 1 + draws.below(5));
}

/** A shape that broadcasts to `shape`: some axes of size 1, some leading ones left out. */
function stretchable(shape: t.Shape, draws: Draws): t.Shape {
  const left = draws.uniform() < 0.3 ? draws.below(shape.length + 1) : 0;
  return shape.slice(left).map((size) => (draws.uniform() < 0.3 ? 1 : size));
}

/** Axes `axis` and the next as one. */
function merged(shape: t.Shape, axis: number): t.Shape {
  return [...shape.slice(0, axis), shape[axis]! * shape[axis + 1]!, ...shape.slice(axis + 2)];
}

function shuffled<Item>(items: readonly Item[], draws: Draws): Item[] {
  return items
    .map((item) => ({ item, key: draws.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
