/**
 * @file The training loop: next batch, step, tell, validate, save. What a step computes is recorded in step.ts; which steps there are is
 * planned in plan.ts; what a training does besides, such as averaging its weights, is a row of features.ts.
 */
import { epochOrders, type EpochOrder } from "./balance.ts";
import { batchLoader, type BatchLoader } from "./batches.ts";
import { checkNetworks } from "./check-model.ts";
import { restoreCheckpoint, takeCheckpoint, type Checkpoint } from "./checkpoint.ts";
import {
  emptyMeter,
  epochOf,
  metered,
  stopIfAborted,
  type BatchLosses,
  type EpochEvent,
  type EpochMeter,
  type StepPlace,
  type TrainEvent,
  type Validated,
  type ValidationEvent,
} from "./events.ts";
import type { StepPrograms, Steps } from "./feature.ts";
import { InFlight, mostInFlight } from "./in-flight.ts";
import type { KeptImages } from "./kept-images.ts";
import { checkFinite } from "./losses.ts";
import { openModelSelection } from "./model-selection.ts";
import type { TrainOptions } from "./options.ts";
import { recordTraining, stepsInAll, type PlannedPhase, type RecordedTraining } from "./plan.ts";
import { trainingStates } from "./states.ts";

/**
 * Trains: the method's pre-training, then the training proper. Tells each step and each epoch; returns all epochs. The trained
 * values are left in the engine. When a step is told, the engine may be at the next one; when an epoch is, it is at no other.
 *
 * Throws SHAPE, ARGUMENT or DATA_FORMAT before the first step if model, teacher, method and data set do not fit, WEIGHTS for a
 * network that was never given values or a checkpoint of another training, NOT_FINITE for a loss that is no number, ABORTED once the steps under way are done, told and saved.
 */
export function train(options: TrainOptions): AsyncGenerator<TrainEvent, EpochEvent[]> {
  return trainRecorded(options);
}

/** The same, by steps of these options that were recorded before; a teacher's cached outputs may have had other values then. */
export async function* trainRecorded(
  options: TrainOptions,
  recorded?: RecordedTraining,
): AsyncGenerator<TrainEvent, EpochEvent[]> {
  const { engine, learner, resume } = options;
  const { phases, kept } = recorded ?? recordTraining(options);
  const used = new Set(phases.flatMap(({ segments }) => segments.flatMap(({ steps }) => [...steps.states])));
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

/** The epochs of one phase, after the epochs `before`. */
async function* trainPhase(
  options: TrainOptions,
  phase: PlannedPhase,
  before: readonly EpochEvent[],
  { kept, resume }: { readonly kept: KeptImages | undefined; readonly resume: Checkpoint | undefined },
): AsyncGenerator<TrainEvent, EpochEvent[]> {
  const {
    engine,
    learner,
    dataset,
    batchSize = 128,
    random,
    augment,
    balance,
    teacherCache,
    signal,
    checkpoints,
  } = options;
  const { pretraining, epochs, from, optimiser, features, segments } = phase;
  const images = dataset.train.count;
  const orderOf = epochOrders(dataset, balance);
  const selection = pretraining ? undefined : await openModelSelection(options, features);
  const states = trainingStates(learner, optimiser, features);
  const training = { engine, states, images, batchSize, selection };
  const open = async (steps: Steps) => ({
    steps,
    loader: batchLoader({ dataset, random, augment, teacherCache, steps: steps.loaded }),
    programs: await steps.compile(engine),
  });
  const done: EpochEvent[] = resume?.epochs.slice(from) ?? [];
  const stepsNow = (): Steps => (segments.findLast(({ from }) => done.length >= from) ?? segments[0]).steps;
  let opened = await open(stepsNow());
  let meter = resume?.meter ?? emptyMeter;
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
      const epochStart = random.state();
      const order = orderOf(random);
      if (resume && meter.batches > 0) random.restore(resume.random.now);
      const save = async (meter: EpochMeter, start = epochStart): Promise<void> => {
        const position = { epochs: [...before, ...done], meter, random: { epochStart: start, now: random.state() } };
        await checkpoints?.save(await takeCheckpoint(training, position));
      };
      const place = { epoch: done.length + 1, epochs, phase: pretraining?.name };
      meter = yield* trainEpoch({ options, phase, place, order, meter, kept, save, ...opened });

      // After the epoch: validate, tell, save.
      const found = yield* validated(selection?.validating(place), signal, () => save(meter));
      const event = epochOf(meter, { ...place, ...found });
      done.push(event);
      meter = emptyMeter;
      yield event;
      if (signal?.aborted || checkpoints?.due(event)) await save(meter, random.state());
      stopIfAborted(signal, `${from + done.length} of ${from + epochs} epochs were done`);
    }
    await selection?.finish();
    return done;
  } finally {
    opened.programs.close();
    selection?.close();
    const own = features.flatMap(({ states, scratch = [] }) => [...(states?.values() ?? []), ...scratch]);
    await engine.free([...optimiser.slots.values(), ...own]);
  }
}

/** An epoch that is under way. */
interface EpochUnderWay {
  readonly options: TrainOptions;
  readonly phase: PlannedPhase;
  readonly place: Pick<StepPlace, "epoch" | "epochs" | "phase">;
  /** Of the training images. */
  readonly order: EpochOrder;
  /** Of the batches that are done. */
  readonly meter: EpochMeter;
  readonly kept: KeptImages | undefined;
  readonly loader: BatchLoader;
  readonly programs: StepPrograms;
  save(meter: EpochMeter): Promise<void>;
}

/** The steps of an epoch that are left; returns the meter of all. */
async function* trainEpoch({
  options: { learner, epochs, signal, checkpoints },
  phase: { from, ranges, stepCount },
  place,
  order,
  kept,
  loader,
  programs,
  save,
  ...rest
}: EpochUnderWay): AsyncGenerator<TrainEvent, EpochMeter> {
  let { meter } = rest;
  const { epoch } = place;
  const stepsBefore = (epoch - 1) * ranges.length;
  const total = stepsInAll(learner.objective, epochs, ranges.length);
  const placeOf = (stepInEpoch: number): StepPlace => ({
    kind: "step",
    step: from * ranges.length + stepsBefore + stepInEpoch,
    steps: total,
    stepInEpoch,
    stepsPerEpoch: ranges.length,
    ...place,
  });
  const inFlight = new InFlight<BatchLosses>();
  // The last epoch may be a part of one.
  const left = ranges.slice(meter.batches, stepCount - stepsBefore);
  let begun = meter.batches;
  let isDue = false;
  let mark = performance.now();
  while (inFlight.size > 0 || left.length > 0) {
    // Next batch and its step: forward, losses, backward and update run in the engine, and the next step is begun meanwhile: not before a
    // save or a stop.
    while (inFlight.size < (isDue || signal?.aborted ? 1 : mostInFlight)) {
      const range = left.shift();
      if (!range) break;
      begun += 1;
      const step = stepsBefore + begun;
      inFlight.begin(async () => {
        const { size, inputs } = loader({ ...order, range, epoch: from + epoch, phaseEpoch: epoch, step });
        const brought = kept?.bring(order.order, range);
        const [losses] = await Promise.all([programs.run(size, inputs, step), brought]);
        return losses;
      });
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
    await save(meter);
    isDue = false;
    stopIfAborted(signal, `${told.step} of ${total} steps were done`);
  }
  return meter;
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
