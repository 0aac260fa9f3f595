/** @file Random trainings of a tiny network: extreme numbers, data that are not what they say, networks without values. */
import type { Augment } from "../../src/data/augment-options.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { Stream } from "../../src/data/stream.ts";
import { objectiveNamed } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { LimbeckError } from "../../src/errors.ts";
import { initialise, namedStates } from "../../src/nn/index.ts";
import {
  createOptimiser,
  createScheduled,
  schedule,
  type Optimiser,
  type ParameterGroup,
} from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { evaluate } from "../../src/train/evaluate/index.ts";
import { learner, result, train, type TrainOptions } from "../../src/train/index.ts";
import { tinyDataset, tinyModel } from "../../test/experiment/tiny.ts";
import type { Attack } from "./attack.ts";

/** Each training ends in weights that are numbers and do classify, or in an error with a code; none in what is not written. */
export const trainings: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const problem = await outcome(new Stream(seed, i, 0));
    if (problem !== undefined) faults.push(`seed ${seed}, try ${i}: ${problem}`);
    if (i % 100 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

async function outcome(random: Stream): Promise<string | undefined> {
  const engine = referenceEngine();
  const told: string[] = [];
  try {
    const options = await training(random, engine, told);
    await result(train(options));
    if (told.includes("no values")) return `trained a network without values: ${told.join(", ")}`;
    const { model } = options.learner;
    for (const [name, state] of namedStates(model.module)) {
      if (!(await engine.read(state)).every(Number.isFinite)) return `${name} is no number after ${told.join(", ")}`;
    }
    await evaluate({ engine, model, dataset: options.dataset, split: options.dataset.test });
    return undefined;
  } catch (error) {
    if (error instanceof LimbeckError && error.message.trim() !== "") return undefined;
    return `${String(error)} after ${told.join(", ")}`;
  } finally {
    await engine.close();
  }
}

/** Two or three things of a training are odd, the rest is as it should be. */
async function training(
  random: Stream,
  engine: ReturnType<typeof referenceEngine>,
  told: string[],
): Promise<TrainOptions> {
  const is = (what: string, often: number): boolean => {
    if (random.below(often) > 0) return false;
    told.push(what);
    return true;
  };
  const dataset = is("odd data", 4) ? oddData(random) : tinyDataset();
  const teacher = tinyModel({ channels: 8, name: "TinyTeacher", norm: true });
  const name = pick(random, [
    "ce",
    "ls",
    "kd",
    "dkd",
    "wsld",
    "dist",
    "cosine",
    "regressor",
    "at",
    "kd+at",
    "crd",
    "crld",
    "ctkd",
    "srd",
    "embed",
  ]);
  const settings = is("odd options", 3) ? { [pick(random, optionNames)]: odd(random) } : {};
  told.push(`${name} ${JSON.stringify(settings)}`);
  const images = dataset.train.count;
  const student = learner(tinyModel({ channels: 4, norm: true }), objectiveNamed(name, settings), teacher, { images });
  for (const { module, auxiliaries } of [
    { module: teacher.module, auxiliaries: [] },
    { module: student.model.module, auxiliaries: Object.values(student.auxiliaries) },
  ]) {
    // NOTE: of the student alone: a teacher that the loss does not need may be without values.
    if (module === student.model.module && is("no values", 12)) continue;
    for (const [state, values] of initialise(module, torchRandom(1), auxiliaries)) await engine.write(state, values);
  }
  const augment = is("odd views", 4) ? oddViews(random) : undefined;
  return {
    engine,
    learner: student,
    dataset,
    optimiser: is("odd optimiser", 2) ? oddOptimiser(random, told) : createOptimiser("adam"),
    epochs: is("odd epochs", 12) ? pick(random, [0, -1, 1.5, Number.NaN, 1e308, Infinity]) : 1,
    batchSize: is("odd batches", 4) ? pick(random, [1, 3, 21, 22, 1e15, 0, -1, Number.NaN, 2.5]) : 8,
    random: torchRandom(2),
    ...(augment && { augment }),
    ...(is("smoothing", 6) && { labelSmoothing: pick(random, [0.1, 0, 1, -1, Number.NaN]) }),
    ...(is("balance", 6) && { balance: pick(random, ["weights", "sampler", "none"] as const) }),
    ...(is("whole batches", 6) && { dropLast: true }),
    ...(is("freeze", 5) && {
      freeze: [{ parameters: pick(random, patterns), afterEpochs: pick(random, [0, 1, 2, 0.5, -1]) }],
    }),
    ...(is("lookahead", 6) && { lookahead: pick(random, [1, 2, 5, 1e15, 0, Number.NaN]) }),
    ...(is("averages", 6) && { emaDecay: pick(random, [0.9, 0, 1, Number.NaN, 1 - 1e-17]) }),
  };
}

/** Of parameters: some, all, none. */
const patterns = ["*.bias", "features.*", "*", "nothing", "", "**"];

const optionNames = [
  "temperature",
  "kdWeight",
  "ceWeight",
  "smoothing",
  "attentionWeight",
  "negatives",
  "size",
  "crdWeight",
];

function odd(random: Stream): number {
  const size = 10 ** random.between(-320, 309);
  return pick(random, [size, -size, size, 1e308, 1e39, 1e-45, 0, -0, Number.NaN, Infinity, -1, 2 ** 53]);
}

function oddOptimiser(random: Stream, told: string[]): Optimiser {
  const name = pick(random, ["sgd", "adam", "adamw", "muon"] as const);
  const keys = {
    sgd: ["momentum", "dampening", "weightDecay", "momentumGap"],
    adam: ["eps", "weightDecay"],
    adamw: ["eps", "weightDecay"],
    muon: ["momentum", "steps", "weightDecay", "othersFactor"],
  }[name];
  const options = { [pick(random, keys)]: odd(random) };
  const rate = random.below(2) === 0 ? odd(random) : 1e-3;
  told.push(`${name} ${JSON.stringify(options)} at ${rate}`);
  if (random.below(2) === 0) return createOptimiser(name, { ...options, learningRate: rate });
  const scheduleName = pick(random, ["cosine", "step", "one-cycle", "linear"] as const);
  const more = { cosine: "etaMin", step: "gamma", "one-cycle": "divFactor", linear: "endFactor" }[scheduleName];
  const scheduleOptions = random.below(2) === 0 ? { [more]: odd(random) } : {};
  told.push(`${scheduleName} ${JSON.stringify(scheduleOptions)}`);
  const groups = random.below(2) === 0 ? [oddGroup(random)] : [];
  told.push(JSON.stringify(groups));
  const planned = schedule(scheduleName, rate, { steps: 3, stepsPerEpoch: 1 }, scheduleOptions);
  return createScheduled(name, options, planned, { groups, decayOn: pick(random, ["all", "weights"]) });
}

function oddGroup(random: Stream): ParameterGroup {
  const parameters = pick(random, patterns);
  return random.below(2) === 0
    ? { parameters, learningRateFactor: odd(random) }
    : { parameters, weightDecay: odd(random) };
}

function oddViews(random: Stream): Augment {
  const options = [
    { mixup: { alpha: odd(random) } },
    { crop: { padding: odd(random), border: pick(random, ["reflect", "black"]) } },
    { crop: { padding: random.below(9), border: "reflect" } },
    { flip: { probability: odd(random), alternating: random.below(2) === 0 } },
    { cutout: { size: odd(random) } },
    { mixup: { alpha: 0.05 } },
    { mixup: { alpha: 8 } },
    { resizedCrop: { minScale: odd(random) } },
    { colourJitter: { brightness: odd(random), hue: odd(random) } },
    { erasing: { probability: odd(random) } },
    { cutmix: { alpha: odd(random) } },
  ] as const;
  return { seed: random.below(3) === 0 ? odd(random) : 1, ...pick(random, options) } as Augment;
}

function oddData(random: Stream): Dataset {
  const whole = tinyDataset({ train: 1 + random.below(24), test: 1 + random.below(12) });
  const split = pick(random, ["train", "test"] as const);
  const labels = whole[split].labels.slice();
  labels[random.below(labels.length)] = random.below(256);
  const one = whole[split].labels.map(() => 0);
  return pick(random, [
    whole,
    { ...whole, [split]: { ...whole[split], labels } },
    { ...whole, [split]: { ...whole[split], labels: one } },
    { ...whole, [split]: { ...whole[split], count: random.below(40) } },
    { ...whole, [split]: { ...whole[split], image: (i: number) => whole[split].image(i).subarray(random.below(3)) } },
    { ...whole, shape: [2, 4, 1 + random.below(5)] as const },
    { ...whole, mean: [odd(random), 0.5] },
    { ...whole, std: [odd(random), 0.5] },
    { ...whole, classes: whole.classes.slice(random.below(3)) },
  ]);
}

function pick<Item>(random: Stream, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}
