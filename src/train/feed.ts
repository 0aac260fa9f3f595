/** @file What a training step is fed: a batch's images or views of them, labels, kept targets, and freshly drawn masks and negatives. */
import { gatherViews, type Augment } from "../data/augment.ts";
import type { Dataset } from "../data/dataset.ts";
import { gather, gatherLabels, normaliser, type BatchRange } from "../data/loader.ts";
import { mix, mixing } from "../data/mixup.ts";
import type { Inputs } from "../engine/engine.ts";
import type { Random, RandomState } from "../random/index.ts";
import { sizeOf } from "../tensor/index.ts";
import { partnerLabelsInput, shareInput } from "./mixed-labels.ts";
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
  /** How images are varied, if at all. */
  readonly augment?: Augment | undefined;
}

/** Fills a step's inputs with the images `order[from]` to `order[to - 1]` as epoch `epoch` (from 1) sees them. */
export type Feeder = (order: Int32Array, range: BatchRange, epoch: number) => Fed;

/** A feeder that takes two sets of buffers in turn, so that the batch before may still be running. */
export function feeder(options: FeederOptions): Feeder {
  const { dataset, random, kept = {}, negatives, augment } = options;
  const { train, shape } = dataset;
  const table = normaliser(dataset);
  const sets = new Map<string, Buffers>();
  let turn = 0;
  return (order, range, epoch) => {
    const count = range.to - range.from;
    turn = 1 - turn;
    const key = `${count} ${turn}`;
    const buffers = sets.get(key) ?? allocate(options, count);
    sets.set(key, buffers);
    const before = random.state();
    for (const { values, keep } of buffers.masks) random.bernoulli(values, keep);
    if (augment) gatherViews({ split: train, shape, table }, order, range, augment, epoch, buffers.images);
    else gather(train, shape, table, order, range, buffers.images);
    gatherLabels(train, order, range, buffers.labels);
    if (augment?.mixup) {
      const { share, partners } = mixing(augment.mixup.alpha, augment.seed, epoch, range.from, count);
      mix(buffers.images, { share, partners }, sizeOf(shape), buffers.scratch);
      buffers.share[0] = share;
      for (const [i, partner] of partners.entries()) buffers.partnerLabels[i] = buffers.labels[partner]!;
    }
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
  readonly share: Float32Array;
  readonly partnerLabels: Int32Array;
  /** Images before they are mixed. */
  readonly scratch: Float32Array<ArrayBuffer>;
  readonly masks: readonly { readonly values: Float32Array; readonly keep: number }[];
  readonly targets: readonly (readonly [name: string, values: Float32Array])[];
  /** Those of the above that the graph depends on, under their names. */
  readonly inputs: Inputs;
}

function allocate({ dataset, stepFor, kept = {}, negatives: sampler, augment }: FeederOptions, n: number): Buffers {
  const step = stepFor(n);
  const images = new Float32Array(n * sizeOf(dataset.shape));
  const labels = new Int32Array(n);
  const indices = new Int32Array(n);
  const negatives = new Int32Array(n * (sampler?.count ?? 0));
  const [share, partnerLabels] = [new Float32Array(1), new Int32Array(n)];
  const scratch = new Float32Array(augment?.mixup ? images.length : 0);
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
    [shareInput, share],
    [partnerLabelsInput, partnerLabels],
    ...masks.map(({ name, values }): [string, Float32Array] => [name, values]),
    ...targets.map(([name, values]): [string, Float32Array] => [`target ${name}`, values]),
  ];
  const inputs = Object.fromEntries(named.filter(([name]) => step.inputs.has(name)));
  return { images, labels, indices, negatives, share, partnerLabels, scratch, masks, targets, inputs };
}
