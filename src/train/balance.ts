/** @file Training on unequal classes: classes weighted in the labels' loss, or images drawn so that each class is seen as often as any other. */
import { countByClass } from "../data/class-sizes.ts";
import type { Dataset } from "../data/dataset.ts";
import type { ClassWeights } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { loaderOrder, type Random } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import type { StepInput } from "./step-input.ts";

/** What can be done about unequal classes. */
export const balances = ["none", "weights", "sampler"] as const;

export type Balance = (typeof balances)[number];

type Labelled = Pick<Dataset, "name" | "classes" | "train" | "isLabelled" | "answeredBy">;

/** Throws ARGUMENT for a way that there is none of, and where nobody knows the classes of the training images. */
export function checkBalance({ name, isLabelled = true, answeredBy }: Labelled, balance: Balance = "none"): void {
  if (!balances.includes(balance)) {
    throw new LimbeckError("ARGUMENT", `balance should be ${balances.join(", ")}, got ${String(balance)}`);
  }
  if (balance === "none" || (isLabelled && answeredBy === undefined)) return;
  throw new LimbeckError(
    "ARGUMENT",
    `balance ${balance} needs the classes of the training images, and those of ${name} have no labels; leave out balance (--balance none), or put the pictures into a folder for each class`,
  );
}

/** A weight for each class by inverse frequency, N / (K n_c) of N images of K classes that have any: the mean over all images is 1. 0 for a class without images. */
export function inverseFrequencies({ classes, train }: Pick<Labelled, "classes" | "train">): Float32Array {
  const counts = countByClass(train.labels, classes.length);
  const present = counts.filter((images) => images > 0).length;
  return Float32Array.from(counts, (images) => (images > 0 ? train.count / (present * images) : 0));
}

/** Class weights as a step's graph has them, and what it is to be given: the mean weight is that of the whole batch, of which a step may compute a part. */
export function weightInputs(values: Float32Array): {
  readonly weights: ClassWeights;
  readonly inputs: readonly StepInput<Float32Array>[];
} {
  const [each, mean] = [input("class weights", [values.length]), input("mean class weight", [])];
  return {
    weights: { each, mean },
    inputs: [
      { symbol: each, fill: (out) => out.set(values) },
      {
        symbol: mean,
        fill(out, { order, range: { from, to }, source: { split } }) {
          let sum = 0;
          for (let i = from; i < to; i++) sum += values[split.labels[order[i]!]!]!;
          out.fill(sum / (to - from));
        },
      },
    ],
  };
}

/** Makes the order of the training images in an epoch: shuffled, or drawn with replacement, an image of a class of n by weight 1 / n, as WeightedRandomSampler draws as many as there are. */
export function epochOrders({ classes, train }: Labelled, balance: Balance = "none"): (random: Random) => EpochOrder {
  if (balance !== "sampler") return (random) => ({ order: loaderOrder(random, train.count, { shuffle: true }) });
  const counts = countByClass(train.labels, classes.length);
  const weights = Float64Array.from(train.labels, (label) => 1 / counts[label]!);
  return (random) => {
    const order = loaderOrder(random, train.count, { weights });
    return { order, turns: turnsOf(order) };
  };
}

/** The training images of an epoch, in their order. */
export interface EpochOrder {
  readonly order: Int32Array;
  /** How often each image came before in the order, where it may come more than once. */
  readonly turns?: Int32Array;
}

function turnsOf(order: Int32Array): Int32Array {
  const times = new Map<number, number>();
  return order.map((image) => {
    const turn = times.get(image) ?? 0;
    times.set(image, turn + 1);
    return turn;
  });
}
