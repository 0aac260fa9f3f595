/** @file What a training step is fed: a batch's images, labels, kept targets, and freshly drawn masks and negatives. */
import type { Dataset } from "../data/dataset.ts";
import { gather, gatherLabels, normaliser, type BatchRange } from "../data/loader.ts";
import type { Inputs } from "../engine/engine.ts";
import type { Random, RandomState } from "../random/index.ts";
import { sizeOf } from "../tensor/index.ts";
import type { NegativeSampler } from "./negatives.ts";
import type { Step } from "./step.ts";
import { gatherTargets, type KeptTargets } from "./targets.ts";

/** A batch ready to run. */
export interface Fed {
  /** Images in it. */
  readonly count: number;
  readonly inputs: Inputs;
  /** Where the stream stood before this batch's masks and negatives were drawn: where to go on if the batch never runs. */
  readonly before: RandomState;
}

export interface FeederOptions {
  readonly dataset: Dataset;
  readonly random: Random;
  /** The step on a batch of n. */
  readonly stepFor: (n: number) => Step;
  readonly kept?: KeptTargets;
  /** Where the method wants images of other classes. */
  readonly negatives?: NegativeSampler | undefined;
}

/**
 * A function that fills the inputs of the step on the training images `order[from]` to `order[to - 1]`. It takes two sets
 * of buffers in turn, so that the batch before may still be running.
 */
export function feeder(options: FeederOptions): (order: Int32Array, range: BatchRange) => Fed {
  const { dataset, random, kept = {}, negatives } = options;
  const { train, shape } = dataset;
  const table = normaliser(dataset);
  const sets = new Map<string, Buffers>();
  let turn = 0;
  return (order, range) => {
    const count = range.to - range.from;
    turn = 1 - turn;
    const key = `${count} ${turn}`;
    const buffers = sets.get(key) ?? allocate(options, count);
    sets.set(key, buffers);
    const before = random.state();
    for (const { values, keep } of buffers.masks) random.bernoulli(values, keep);
    gather(train, shape, table, order, range, buffers.images);
    gatherLabels(train, order, range, buffers.labels);
    buffers.indices.set(order.subarray(range.from, range.to));
    if (buffers.inputs["negatives"]) negatives?.draw(random, order, range, buffers.negatives);
    for (const [name, out] of buffers.targets) gatherTargets(kept[name]!, order, range, out);
    return { count, inputs: buffers.inputs, before };
  };
}

interface Buffers {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly indices: Int32Array;
  readonly negatives: Int32Array;
  readonly masks: readonly { readonly values: Float32Array; readonly keep: number }[];
  readonly targets: readonly (readonly [name: string, values: Float32Array])[];
  /** Those of the above that the graph depends on, under their names. */
  readonly inputs: Inputs;
}

function allocate({ dataset, stepFor, kept = {}, negatives: sampler }: FeederOptions, n: number): Buffers {
  const step = stepFor(n);
  const images = new Float32Array(n * sizeOf(dataset.shape));
  const labels = new Int32Array(n);
  const indices = new Int32Array(n);
  const negatives = new Int32Array(n * (sampler?.count ?? 0));
  const masks = step.masks.map(({ input, keep }) => ({
    name: input.attributes.name,
    values: new Float32Array(input.size),
    keep,
  }));
  const targets = Object.entries(kept).map(([name, { shape }]) => [name, new Float32Array(n * sizeOf(shape))] as const);
  const named: [string, Float32Array | Int32Array][] = [
    ["images", images],
    ["labels", labels],
    ["indices", indices],
    ["negatives", negatives],
    ...masks.map(({ name, values }): [string, Float32Array] => [name, values]),
    ...targets.map(([name, values]): [string, Float32Array] => [`target ${name}`, values]),
  ];
  const inputs = Object.fromEntries(named.filter(([name]) => step.inputs.has(name)));
  return { images, labels, indices, negatives, masks, targets, inputs };
}
