/** @file What a training step is given: each input is its symbol in the step's graph and the way its values are filled for a batch. */
import type { Augment } from "../data/augment-options.ts";
import { gatherViews, shiftOf, type ImageSource } from "../data/augment.ts";
import type { Dataset } from "../data/dataset.ts";
import { gatherImages, gatherLabels, type BatchRange } from "../data/loader.ts";
import { mix, type Mixing } from "../data/mixup.ts";
import { checkColours, gatherStrongViews } from "../data/rand-augment.ts";
import type { Weight } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { Mask } from "../nn/index.ts";
import type { ScheduledInput } from "../optim/index.ts";
import type { Random } from "../random/index.ts";
import { input, sizeOf, type Shape, type Tensor } from "../tensor/index.ts";

/** An input of a training step. */
export interface StepInput<Values extends Float32Array | Int32Array = Float32Array | Int32Array> {
  /** What the graph knows it by. */
  readonly symbol: Tensor<{ readonly name: string }>;
  /** Sets the values for a batch, `symbol.size` of them, row-major. */
  fill(values: Values, batch: BatchPosition): void;
  /** Filled even where the graph does not depend on it: PyTorch draws a dropout mask whether or not a loss needs it. */
  readonly drawnIfUnused?: boolean;
}

/** One of a teacher's outputs for every training image, in the data set's order. */
export interface CachedOutput {
  /** Of one image. */
  readonly shape: Shape;
  /** [images, ...shape] */
  readonly values: Float32Array;
  /** The same of each image mirrored, where views that are mirrored have targets of their own. */
  readonly mirrored?: Float32Array | undefined;
}

/** By the name that the objective gives it. */
export type TeacherCache = Readonly<Record<string, CachedOutput>>;

/** Which batch of a training is filled. */
export interface BatchPosition {
  /** Training images in the epoch's order; the batch is `order[range.from]` to `order[range.to - 1]`. */
  readonly order: Int32Array;
  /** How often each image came before in the order; never, where there are none. */
  readonly turns?: Int32Array | undefined;
  readonly range: BatchRange;
  /** From 1, over all phases of the training. */
  readonly epoch: number;
  /** From 1, in the phase, as its schedules count. */
  readonly phaseEpoch: number;
  /** From 1, in the phase. */
  readonly step: number;
  /** What masks and negatives are drawn from. */
  readonly random: Random;
  readonly source: ImageSource;
  /** How images are varied, if at all. */
  readonly augment?: Augment | undefined;
  /** Which images of the batch are averaged with which, if any. */
  readonly mixing?: Mixing | undefined;
  /** What the teacher gives for the training images, where that was computed beforehand. */
  readonly teacherCache?: TeacherCache | undefined;
}

/** The batch's images, or views of them: [N, C, H, W]. */
export function imagesInput(n: number, shape: readonly number[]): StepInput<Float32Array> {
  let scratch: Float32Array<ArrayBuffer> | undefined;
  return {
    symbol: input("images", [n, ...shape]),
    fill(values, { order, turns, range, epoch, source, augment, mixing }) {
      if (augment) gatherViews(source, order, range, augment, epoch, values, turns);
      else gatherImages(source.split, source.shape, source.table, order, range, values);
      if (mixing) mix(values, mixing, sizeOf(shape), (scratch ??= new Float32Array(values.length)));
    },
  };
}

/**
 * Strong views of the same images: [N, C, H, W]. What they are drawn from is drawn again for each batch. Throws ARGUMENT for
 * images that are neither grey nor coloured.
 */
export function strongImagesInput(n: number, shape: Dataset["shape"]): StepInput<Float32Array> {
  checkColours(shape);
  return {
    symbol: input("strong images", [n, ...shape]),
    fill(values, { order, turns, range, source, augment, random }) {
      const [seed = 0] = random.randint(1, 0, 2 ** 31 - 1);
      gatherStrongViews(source, order, range, augment ?? {}, seed, values, turns);
    },
  };
}

/** Their classes: int32 [N]. */
export function labelsInput(n: number): StepInput<Int32Array> {
  return {
    symbol: input("labels", [n], "int32"),
    fill: (values, { order, range, source }) => gatherLabels(source.split, order, range, values),
  };
}

/** Which of the training images they are: int32 [N]. */
export function indicesInput(n: number): StepInput<Int32Array> {
  return {
    symbol: input("indices", [n], "int32"),
    fill: (values, { order, range }) => values.set(order.subarray(range.from, range.to)),
  };
}

/** How each image is shifted, and whether it is mirrored, as `lookupRows` takes it: int32 [N, 3]. */
export function shiftsInput(n: number): StepInput<Int32Array> {
  return {
    symbol: input("shifts", [n, 3], "int32"),
    fill(values, { order, turns, range: { from, to }, augment, epoch }) {
      if (!augment) throw new Error("images are to be shifted, but nothing says how");
      for (let i = from; i < to; i++) {
        const { down, right, isFlipped } = shiftOf(augment, epoch, order[i]!, turns?.[i]);
        values.set([down, right, Number(isFlipped)], 3 * (i - from));
      }
    },
  };
}

/** One of the cached outputs, for the images of a batch, each on its view's side: [N, ...shape]. */
export function cachedInput(n: number, name: string, shape: Shape): StepInput<Float32Array> {
  const size = sizeOf(shape);
  return {
    symbol: input(`target ${name}`, [n, ...shape]),
    fill(values, { order, turns, range: { from, to }, augment, epoch, teacherCache }) {
      const { values: all, mirrored: others } = teacherCache?.[name] ?? noOutput(name);
      for (let i = from; i < to; i++) {
        const image = order[i]!;
        const side = others && augment && shiftOf(augment, epoch, image, turns?.[i]).isFlipped ? others : all;
        values.set(side.subarray(image * size, (image + 1) * size), (i - from) * size);
      }
    },
  };
}

function noOutput(name: string): never {
  throw new LimbeckError("ARGUMENT", `the teacher's outputs should have ${name}, as when the steps were recorded`);
}

/** A dropout mask. */
export function maskInput({ input, keep }: Mask): StepInput<Float32Array> {
  return { symbol: input, fill: (values, { random }) => random.bernoulli(values, keep), drawnIfUnused: true };
}

/** The weight of a loss that grows from epoch to epoch: value · min(epoch / rampEpochs, 1). */
export function rampInput(name: string, { value, rampEpochs }: Exclude<Weight, number>): StepInput<Float32Array> {
  return {
    symbol: input(`weight ${name}`, []),
    fill: (values, { phaseEpoch }) => values.fill(value * Math.min(phaseEpoch / rampEpochs, 1)),
  };
}

/** A scalar that goes by the epoch of the phase, from 1. */
export function epochInput(name: string, at: (epoch: number) => number): StepInput<Float32Array> {
  return { symbol: input(`by epoch ${name}`, []), fill: (values, { phaseEpoch }) => values.fill(at(phaseEpoch)) };
}

/** A scalar that goes by the step: the learning rate, say. */
export function scheduledStepInput({ symbol, at }: ScheduledInput): StepInput<Float32Array> {
  return { symbol, fill: (values, { step }) => values.fill(at(step)) };
}
