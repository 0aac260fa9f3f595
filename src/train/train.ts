/**
 * @file The training loop. `train` runs the phases of a training and `trainPhase` the steps of one: each computes the
 * forward pass, losses, backward pass and update, which `trainingStep` records as one graph, and is told and saved.
 */
import { checkArguments } from "../arguments.ts";
import type { BatchRange } from "../data/loader.ts";
import { isMixing } from "../data/mixup.ts";
import { namedStates } from "../nn/index.ts";
import { checkFitting, type AttachedOptimiser } from "../optim/index.ts";
import { loaderOrder } from "../random/index.ts";
import { accumulatedSteps, accumulators, type Accumulators } from "./accumulate.ts";
import { batchLoader } from "./batches.ts";
import { checkNetworks } from "./check-model.ts";
import { restoreCheckpoint, takeCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { emaOf, type Ema } from "./ema.ts";
import {
  emptyMeter,
  epochOf,
  metered,
  stopIfAborted,
  type BatchLosses,
  type EpochEvent,
  type StepPlace,
  type TrainEvent,
  type Validated,
  type ValidationEvent,
} from "./events.ts";
import { InFlight, mostInFlight } from "./in-flight.ts";
import { keepImages, type KeptImages } from "./kept-images.ts";
import { countSteps, epochBatches } from "./length.ts";
import { checkFinite } from "./losses.ts";
import { lookaheadOf, type Lookahead } from "./lookahead.ts";
import { openModelSelection } from "./model-selection.ts";
import { negativeSampler } from "./negatives.ts";
import {
  checkOptions,
  checkScalars,
  phasesOf,
  stepsInAll,
  trainOptions,
  type Phase,
  type PrepareOptions,
  type TrainOptions,
} from "./options.ts";
import { averagingOf } from "./ranges.ts";
import { stagesOf, type Stage } from "./stages.ts";
import { trainedParameters, trainingStates } from "./states.ts";
import { trainingStep } from "./step.ts";
import { wholeSteps, type Steps } from "./steps.ts";

/**
 * Trains: the method's pre-training, then the training proper. Tells each step and each epoch; returns all epochs. The trained
 * values are left in the engine. When a step is told, the engine may be at the next one; when an epoch is, it is at no other.
 *
 * Throws SHAPE, ARGUMENT or DATA_FORMAT before the first step if model, teacher, method and data set do not fit, WEIGHTS for a
 * network that was never given values or a checkpoint of another training, NOT_FINITE for a loss that is no number, ABORTED once the steps under way are done, told and saved.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, EpochEvent[]> {
  checkArguments("train", { options: [options, trainOptions] });
  const { engine, learner, resume } = options;
  const kept = keepImages(options);
  const phases = prepare(options, kept);
  const recorded = phases.flatMap(({ stages }) => stages);
  const used = new Set(recorded.flatMap(({ steps }) => [...steps.states]));
  await checkNetworks(engine, learner, { used, isResumed: resume !== undefined });
  const saved = resume?.epochs ?? [];
  // A checkpoint from the end of a phase has that phase's optimiser: it is restored there, and the next one begins.
  const begun = saved.length + (resume && resume.meter.batches > 0 ? 1 : 0);
  const left = phases.slice(phases.findIndex((phase) => begun <= phase.from + phase.epochs));
  const done = saved.slice(0, left[0]?.from);
  try {
    for (const [i, phase] of left.entries()) {
      done.push(...(yield* trainPhase(options, phase, done, { kept, resume: i === 0 ? resume : undefined })));
    }
  } finally {
    await kept?.free();
  }
  return done;
}

/** The steps of one phase, after the epochs `before`. */
async function* trainPhase(
  options: TrainOptions,
  phase: PreparedPhase,
  before: readonly EpochEvent[],
  { kept, resume }: { readonly kept: KeptImages | undefined; readonly resume: Checkpoint | undefined },
): AsyncGenerator<TrainEvent, EpochEvent[]> {
  const { engine, learner, dataset, batchSize = 128, random, augment, signal, checkpoints } = options;
  const { pretraining, epochs, from, optimiser, ema, sums, lookahead, ranges, stepCount, stages } = phase;
  const images = dataset.train.count;
  const total = stepsInAll(learner.objective, options.epochs, ranges.length);
  const quantised = stages.find(({ isQuantised }) => isQuantised);
  const selection = pretraining ? undefined : await openModelSelection(options, ema, quantised?.from ?? 0);
  const states = trainingStates(learner, { optimiser, ema, lookahead, ranges: quantised && options.quantize?.ranges });
  const training = { engine, states, images, batchSize, selection };
  const open = async (steps: Steps) => ({
    steps,
    loader: batchLoader({ dataset, random, augment, steps: steps.loaded }),
    programs: await steps.compile(engine),
  });
  const done: EpochEvent[] = resume?.epochs.slice(from) ?? [];
  let meter = resume?.meter ?? emptyMeter;
  const stepsNow = (): Steps => (stages.findLast(({ from }) => done.length >= from) ?? stages[0]).steps;
  let opened = await open(stepsNow());
  try {
    if (resume) {
      await restoreCheckpoint(training, resume);
      random.restore(resume.random.epochStart);
    }
    while (done.length < epochs) {
      if (opened.steps !== stepsNow()) {
        opened.programs.close();
        opened = await open(stepsNow());
      }
      const { loader, programs } = opened;
      const epochStart = random.state();
      const order = loaderOrder(random, images, { shuffle: true });
      if (resume && meter.batches > 0) random.restore(resume.random.now);
      const epoch = done.length + 1;
      const place = { epoch, epochs, ...(pretraining && { phase: pretraining.name }) };
      const stepsBefore = done.length * ranges.length;
      const placeOf = (stepInEpoch: number): StepPlace => ({
        kind: "step",
        step: from * ranges.length + stepsBefore + stepInEpoch,
        steps: total,
        stepInEpoch,
        stepsPerEpoch: ranges.length,
        ...place,
      });
      const run = async (range: BatchRange, step: number): Promise<BatchLosses> => {
        const { size, inputs } = loader({ order, range, epoch: from + epoch, phaseEpoch: epoch, step });
        const brought = kept?.bring(order, range);
        const [losses] = await Promise.all([programs.run(size, inputs, step), brought]);
        return losses;
      };
      const save = async (start = epochStart): Promise<void> => {
        const position = { epochs: [...before, ...done], meter, random: { epochStart: start, now: random.state() } };
        await checkpoints?.save(await takeCheckpoint(training, position));
      };

      const inFlight = new InFlight<BatchLosses>();
      // The last epoch may be a part of one.
      const left = ranges.slice(meter.batches, stepCount - stepsBefore);
      let begun = meter.batches;
      let isDue = false;
      let mark = performance.now();
      while (inFlight.size > 0 || left.length > 0) {
        // Forward, losses, backward and update run in the engine, and the next step is begun meanwhile: not before a save or a stop.
        while (inFlight.size < (isDue || signal?.aborted ? 1 : mostInFlight)) {
          const range = left.shift();
          if (!range) break;
          begun += 1;
          const step = stepsBefore + begun;
          inFlight.begin(() => run(range, step));
          isDue = left.length > 0 && checkpoints?.due(placeOf(begun)) === true;
        }
        const losses = await inFlight.next()!;

        // The losses are seen to be numbers, added up, and told.
        const told = placeOf(meter.batches + 1);
        checkFinite(losses, learner.objective.name, stepsBefore + told.stepInEpoch, epoch);
        meter = metered(meter, losses, (performance.now() - mark) / 1000);
        mark = performance.now();
        yield { ...told, ...losses };

        // Save.
        if (inFlight.size > 0 || !(isDue || signal?.aborted)) continue;
        await save();
        isDue = false;
        stopIfAborted(signal, `${told.step} of ${total} steps were done`);
      }

      // After the epoch: validate, tell, save.
      const found = yield* validated(selection?.validating(place), signal, save);
      const event = epochOf(meter, { ...place, ...found });
      done.push(event);
      meter = emptyMeter;
      yield event;
      if (signal?.aborted || checkpoints?.due(event)) await save(random.state());
      stopIfAborted(signal, `${from + done.length} of ${from + epochs} epochs were done`);
    }
    await selection?.finish();
    return done;
  } finally {
    opened.programs.close();
    selection?.close();
    const averages = [...(ema?.slots.values() ?? [])].map(({ average }) => average);
    await engine.free([...optimiser.slots.values(), ...averages, ...(lookahead?.slots.values() ?? []), ...sums.all]);
  }
}

/** Validates the weights after an epoch's steps; what has been done is saved if the caller asks to stop meanwhile. */
async function* validated(
  validating: AsyncGenerator<ValidationEvent, Validated> | undefined,
  signal: AbortSignal | undefined,
  save: () => Promise<void>,
): AsyncGenerator<ValidationEvent, Validated> {
  if (!validating) return {};
  try {
    return yield* validating;
  } catch (error) {
    if (signal?.aborted) await save();
    throw error;
  }
}

/** A phase whose steps are recorded. */
export interface PreparedPhase extends Phase {
  readonly optimiser: AttachedOptimiser;
  /** What follows the weights; of the training proper alone. */
  readonly ema?: Ema | undefined;
  /** Of the training proper alone. */
  readonly lookahead?: Lookahead | undefined;
  /** The batches of an epoch. */
  readonly ranges: readonly BatchRange[];
  /** How many batches its epochs have together. */
  readonly stepCount: number;
  /** What is computed, from its beginning on and after some of its epochs. */
  readonly stages: readonly [PreparedStage, ...PreparedStage[]];
  /** Where gradients of parts are added up, if batches are computed in parts. */
  readonly sums: Accumulators;
}

/** A stage whose steps are recorded. */
export interface PreparedStage extends Stage {
  readonly steps: Steps;
}

/**
 * All phases of a training, their steps recorded, so that what does not fit in the last of them is said before the first begins.
 * `kept` are the images that the engine keeps, if it does.
 *
 * Throws SHAPE, ARGUMENT, DATA_FORMAT where parts do not fit each other.
 */
export function prepare(options: PrepareOptions, kept?: KeptImages): readonly PreparedPhase[] {
  checkOptions(options);
  const { learner, dataset, accumulate = 1, teacherCache, augment, emaDecay } = options;
  const { quantize, freeze, labelSmoothing } = options;
  const ranges = epochBatches(dataset.train.count, options);
  const wanted = learner.objective.needs.negatives;
  return phasesOf(learner.objective, options.epochs).map((phase): PreparedPhase => {
    const { pretraining } = phase;
    const negatives = wanted && negativeSampler(dataset.train, wanted.count);
    // NOTE: as the methods' own code has it, pre-training keeps one learning rate; warm-up and schedule are the training's.
    const ownSteps = countSteps(options.epochs, ranges.length);
    const rule = pretraining ? options.optimiser.withConstantRate(ownSteps) : options.optimiser;
    const stepCount = pretraining ? phase.epochs * ranges.length : ownSteps;
    const parameters = trainedParameters(learner, pretraining);
    // NOTE: a pre-training has other parameters than those that the patterns are of.
    if (!pretraining) checkFitting(rule.name, rule.patterns ?? [], [...parameters.keys()]);
    const optimiser = rule.attach(parameters);
    checkScalars(optimiser, stepCount);
    const ema = emaDecay === undefined || pretraining ? undefined : emaOf(namedStates(learner.model.module), emaDecay);
    const isMixed = isMixing(augment);
    const sums = accumulators();
    const quantisedFrom = pretraining || !quantize ? undefined : phase.epochs - quantize.epochs;
    const before = (quantisedFrom ?? 0) * ranges.length;
    const averaging = quantize && averagingOf(quantize.ranges, before, stepCount - before);
    const stepsOf = ({ frozen, isQuantised }: Stage): Steps => {
      const rounded = isQuantised ? averaging : undefined;
      const recorded = {
        kept,
        teacherCache,
        negatives,
        pretraining,
        isMixed,
        ema,
        averaging: rounded,
        labelSmoothing,
        frozen,
      };
      return accumulate === 1
        ? wholeSteps(ranges, (n) => trainingStep(learner, n, optimiser, recorded))
        : accumulatedSteps(learner, ranges, optimiser, { ...recorded, parts: accumulate, accumulators: sums });
    };
    const [first, ...later] = stagesOf({
      names: [...parameters.keys()],
      epochs: phase.epochs,
      ...(pretraining ? {} : { freeze, quantisedFrom }),
    });
    const firstSteps = stepsOf(first);
    const lookahead =
      options.lookahead === undefined || pretraining
        ? undefined
        : lookaheadOf(learner, firstSteps, { every: options.lookahead, steps: stepCount });
    const recorded = (stage: Stage, steps: Steps = stepsOf(stage)): PreparedStage => ({
      ...stage,
      steps: lookahead ? lookahead.after(steps) : steps,
    });
    const stages: PreparedPhase["stages"] = [recorded(first, firstSteps), ...later.map((stage) => recorded(stage))];
    return { ...phase, optimiser, ema, lookahead, ranges, stepCount, stages, sums };
  });
}
