/**
 * @file Schedules: how the learning rate, and with some the momentum, goes over a training. Each is computed from the step alone,
 * so that going on with a stopped training needs no state.
 */
import { elementAt } from "../elements.ts";
import * as z from "zod/mini";
import { unknownName } from "../nearest-name.ts";
import { parseWith } from "../parse-with.ts";
import { option, rate } from "./optimiser.ts";

/** How long a training is. */
export interface TrainingLength {
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** Values by the step, from 1. */
export interface Schedule {
  readonly learningRate: (step: number) => number;
  /** Where a schedule sets it too; Adam's first beta stands for it. */
  readonly momentum?: ((step: number) => number) | undefined;
}

/** A row of the table. */
export interface ScheduleEntry<Options> {
  /** One line for people. */
  readonly summary: string;
  /** With defaults and descriptions; unknown keys are refused. */
  readonly options: z.ZodMiniType<Options>;
  /** The momentum that goes with the largest learning rate, of a schedule that sets the momentum too. */
  momentum?(options: Options): number | undefined;
  /** Whether its first steps depend on how many there are in all: then a longer training is another one from the first step on. */
  needsLength(options: Options): boolean;
  /** The schedule of a training with this largest learning rate. */
  create(learningRate: number, length: TrainingLength, options: Options): Schedule;
}

/** A factor that makes no learning rate infinite. */
const divisor = z.number().check(z.gte(1e-9), z.lte(1e9));

const constantOptions = z.strictObject({});

const constant: ScheduleEntry<z.output<typeof constantOptions>> = {
  summary: "the same learning rate throughout",
  options: constantOptions,
  needsLength: () => false,
  create: (learningRate) => ({ learningRate: () => learningRate }),
};

const stepOptions = z.strictObject({
  milestones: option(
    z.array(z.int().check(z.positive())),
    [150, 180, 210],
    "epochs after which the learning rate falls",
  ),
  gamma: option(divisor, 0.1, "what it is multiplied by"),
});

/** rate·gammaᵏ, where k milestones are over: PyTorch's MultiStepLR stepped with each epoch. */
const step: ScheduleEntry<z.output<typeof stepOptions>> = {
  summary: "falls by a factor after certain epochs",
  options: stepOptions,
  needsLength: () => false,
  create: (learningRate, { stepsPerEpoch }, { milestones, gamma }) => ({
    learningRate: (step) => {
      const epochsOver = Math.floor((step - 1) / stepsPerEpoch);
      return learningRate * gamma ** milestones.filter((milestone) => milestone <= epochsOver).length;
    },
  }),
};

const cosineOptions = z.strictObject({
  etaMin: option(rate, 0, "the learning rate that it falls to"),
});

/**
 * etaMin + (rate - etaMin)·(1 + cos(π t / steps)) / 2 after t steps: PyTorch's CosineAnnealingLR stepped with each batch.
 * Loshchilov, Hutter, "SGDR", 2017.
 */
const cosine: ScheduleEntry<z.output<typeof cosineOptions>> = {
  summary: "falls along half a cosine wave",
  options: cosineOptions,
  needsLength: () => true,
  create: (learningRate, { steps }, { etaMin }) => ({
    learningRate: (step) => wave(learningRate, etaMin, (step - 1) / steps),
  }),
};

/** How the learning rate moves: PyTorch's scheduler stepped with each batch, or with each epoch. */
const every = option(
  z.enum(["step", "epoch"]),
  "step",
  "whether the learning rate moves with each step, or stays for an epoch",
);

/** A share of the learning rate. */
const factor = z.number().check(z.gte(0), z.lte(1));

const linearOptions = z.strictObject({
  startFactor: option(factor, 1, "what the first step has of the learning rate"),
  endFactor: option(factor, 0, "what it would be one step after the last"),
  every,
});

/**
 * rate·(start + (end - start)·t / steps) after t steps: PyTorch's LinearLR over all steps, or all epochs.
 */
const linear: ScheduleEntry<z.output<typeof linearOptions>> = {
  summary: "goes in a straight line, to 0 if nothing else is asked",
  options: linearOptions,
  needsLength: () => true,
  create: (learningRate, length, { startFactor, endFactor, every }) => {
    const doneAt = stepsDone(every, length);
    return { learningRate: (step) => learningRate * between(startFactor, endFactor, doneAt(step) / length.steps) };
  },
};

const piecewiseOptions = z
  .strictObject({
    at: option(
      z.array(z.number().check(z.nonnegative())).check(z.minLength(1)),
      [0, 0.25, 1],
      "places in the training, one after the other",
    ),
    factors: option(
      z.array(factor).check(z.minLength(1)),
      [0.2, 1, 0.05],
      "what each of them has of the learning rate",
    ),
    unit: option(
      z.enum(["share", "epochs", "steps"]),
      "share",
      "what places are counted in: shares of the training from 0 to 1, epochs or steps; rounded down to steps",
    ),
    every,
  })
  .check(
    z.refine(({ at, factors }) => at.length === factors.length, {
      path: ["factors"],
      message: "should be as many as there are places in at",
    }),
    z.refine(({ at }) => at.every((place, i) => i === 0 || place > elementAt(at, i - 1)), {
      path: ["at"],
      message: "should grow from place to place",
    }),
    z.refine(({ at, unit }) => unit !== "share" || at.every((place) => place <= 1), {
      path: ["at"],
      message: "should be shares of the training, 1 at most; or give unit=epochs or unit=steps",
    }),
  );

/**
 * Straight lines between places of the training, as PyTorch's LambdaLR has them of `numpy.interp`; before the first place and
 * after the last, its factor. Places beyond the training's end are never reached.
 */
const piecewise: ScheduleEntry<z.output<typeof piecewiseOptions>> = {
  summary: "goes in straight lines from place to place: a rise and a fall, say",
  options: piecewiseOptions,
  needsLength: ({ unit }) => unit === "share",
  create: (learningRate, length, { at, factors, unit, every }) => {
    const { steps, stepsPerEpoch } = length;
    const unitSteps = { share: steps, epochs: stepsPerEpoch, steps: 1 }[unit];
    // NOTE: 0.29·100 is 28.999999999999996; the place is step 29.
    const places = at.map((place) => Math.floor(place * unitSteps + 1e-6));
    const doneAt = stepsDone(every, length);
    return { learningRate: (step) => learningRate * interpolated(places, factors, doneAt(step)) };
  },
};

/** How many steps count as done before a step (from 1). */
function stepsDone(every: "step" | "epoch", { stepsPerEpoch }: TrainingLength): (step: number) => number {
  return (step) => (every === "step" ? step - 1 : Math.floor((step - 1) / stepsPerEpoch) * stepsPerEpoch);
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * Math.min(1, share);
}

/** The value at a place, in a straight line between its neighbours; of several at one place, the last. */
function interpolated(places: readonly number[], values: readonly number[], place: number): number {
  const next = places.findIndex((other) => other > place);
  if (next === 0) return elementAt(values, 0);
  if (next < 0) return elementAt(values, -1);
  const [from, to] = [elementAt(places, next - 1), elementAt(places, next)];
  return between(elementAt(values, next - 1), elementAt(values, next), (place - from) / (to - from));
}

const oneCycleOptions = z.strictObject({
  pctStart: option(
    z.number().check(z.gte(0), z.lte(1)),
    0.3,
    "the share of the steps in which the learning rate rises",
  ),
  divFactor: option(divisor, 25, "the largest learning rate over the first"),
  finalDivFactor: option(divisor, 1e4, "the first learning rate over the last"),
  cycleMomentum: option(z.boolean(), true, "whether the momentum goes the other way round"),
  baseMomentum: option(z.number().check(z.gte(0), z.lt(1)), 0.85, "the momentum where the learning rate is largest"),
  maxMomentum: option(z.number().check(z.gte(0), z.lt(1)), 0.95, "the momentum at both ends"),
});

/**
 * Up along half a cosine wave, down along another: PyTorch's OneCycleLR stepped with each batch.
 * Smith, Topin, "Super-Convergence", 2018.
 */
const oneCycle: ScheduleEntry<z.output<typeof oneCycleOptions>> = {
  summary: "rises, then falls to almost nothing, the momentum the other way round",
  options: oneCycleOptions,
  momentum: ({ cycleMomentum, baseMomentum }) => (cycleMomentum ? baseMomentum : undefined),
  needsLength: () => true,
  create: (learningRate, length, options) => {
    const first = learningRate / options.divFactor;
    const { baseMomentum, maxMomentum } = options;
    const along = cycle(length, options.pctStart);
    return {
      learningRate: along(first, learningRate, first / options.finalDivFactor),
      momentum: options.cycleMomentum ? along(maxMomentum, baseMomentum, maxMomentum) : undefined,
    };
  },
};

/** From a first value to a middle one at the end of the rise and to a last one at the last step. */
function cycle({ steps }: TrainingLength, pctStart: number) {
  const top = pctStart * steps - 1; // steps counted from 0
  const end = steps - 1;
  return (first: number, middle: number, last: number) =>
    (step: number): number => {
      const done = step - 1;
      return done <= top && top > 0
        ? wave(first, middle, done / top)
        : wave(middle, last, end > top ? (done - top) / (end - top) : 1);
    };
}

/** From one value to another along half a cosine wave, and the other from there on. */
function wave(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
}

/** Every schedule by name. */
export const schedules = {
  constant,
  step,
  cosine,
  linear,
  piecewise,
  "one-cycle": oneCycle,
} as const satisfies Record<string, ScheduleEntry<unknown>>;

export type ScheduleName = keyof typeof schedules;

/** The schedule of this name. Throws UNKNOWN_NAME with the nearest one. */
export function findSchedule(name: string): ScheduleEntry<unknown> {
  if (!Object.hasOwn(schedules, name)) unknownName("schedule", name, Object.keys(schedules));
  return schedules[name as ScheduleName];
}

/** Whether a schedule of this name and options needs to know how long the training is. Throws as `schedule`. */
export function needsLength(name: string, options: object): boolean {
  const found = findSchedule(name);
  return found.needsLength(parseWith(found.options, options, "ARGUMENT", `schedule ${name}`));
}

/** The schedule of this name for a training. Throws UNKNOWN_NAME; ARGUMENT, listing every problem, for wrong options. */
export function schedule(name: string, learningRate: number, length: TrainingLength, options: object = {}): Schedule {
  const found = findSchedule(name);
  return found.create(learningRate, length, parseWith(found.options, options, "ARGUMENT", `schedule ${name}`));
}

/** What the first step of a warm-up has of the learning rate it leads to, as torchvision's recipes have it. */
const FIRST_SHARE = 0.01;

/**
 * A schedule with `steps` of warm-up in front: the learning rate grows in a straight line, from a hundredth of what the schedule
 * begins with, as PyTorch's LinearLR(start_factor=0.01) stepped with each batch; then the schedule begins with its first step.
 */
export function warmedUp(schedule: Schedule, steps: number): Schedule {
  const { learningRate, momentum } = schedule;
  const after = (step: number): number => Math.max(1, step - steps);
  const rise = (step: number): number => FIRST_SHARE + (1 - FIRST_SHARE) * Math.min(1, (step - 1) / steps);
  return {
    learningRate: (step) => learningRate(after(step)) * (step <= steps ? rise(step) : 1),
    momentum: momentum && ((step) => momentum(after(step))),
  };
}
