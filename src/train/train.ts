/** @file The training loop: epochs of shuffled batches, one step each. */
import { aFunction, aNumber, anObject, checkArguments, having, optional } from "../arguments.ts";
import type { Augment } from "../data/augment.ts";
import { aDataset, type Dataset } from "../data/dataset.ts";
import { batches } from "../data/loader.ts";
import { anEngine, type Engine } from "../engine/engine.ts";
import { anOptimiser, type Optimiser } from "../optim/index.ts";
import { aRandom, loaderOrder, type Random, type RandomState } from "../random/index.ts";
import type { Checkpoint, Checkpoints } from "./checkpoint.ts";
import type { EpochEvent, StepEvent, TrainEvent, ValidationEvent } from "./events.ts";
import type { Fed } from "./feed.ts";
import { aLearner, type Learner } from "./learner.ts";
import { countEpochs } from "./phases.ts";
import { prepare, type PreparedPhase } from "./prepare.ts";
import { openSession } from "./session.ts";
import { checkWritten } from "./written.ts";
import { stopIfAborted } from "./stop.ts";
import { emptyTally, epochOf, tallied } from "./tally.ts";
import type { KeptTargets } from "./targets.ts";

export interface TrainOptions {
  /** Holds the values of the learner's parameters, and the teacher's. */
  readonly engine: Engine;
  readonly learner: Learner;
  /** Where it has validation images, they are classified after each epoch. */
  readonly dataset: Dataset;
  readonly optimiser: Optimiser;
  /** How often every training image is seen after the method's stages, all together: a resumed training does the rest. */
  readonly epochs: number;
  /** 128 if not said; the last batch of an epoch may be shorter. */
  readonly batchSize?: number;
  /** Drawn from as PyTorch would: the order at an epoch's start, the masks at each step. */
  readonly random: Random;
  /** The teacher's targets, if they were computed beforehand (`keepTargets`); else the teacher runs in each step. */
  readonly kept?: KeptTargets;
  /** How images are varied, if at all. */
  readonly augment?: Augment;
  /** If said, running averages of the weights are judged and left in the engine in place of the weights: what an average keeps at each step. */
  readonly averageDecay?: number;
  /** Whose weights are left in the engine: the last epoch's, if not said, or the best's by the validation images. */
  readonly keep?: "last" | "best";
  /** Heeded after each step, and while validation images are classified. */
  readonly signal?: AbortSignal;
  /** Where to save; an abort saves too. */
  readonly checkpoints?: Checkpoints;
  /** Where an earlier training stopped. With the same options the final bits are those of a training that never did. */
  readonly resume?: Checkpoint;
}

const trainOptions = having("an object", {
  engine: anEngine,
  learner: aLearner,
  dataset: aDataset,
  optimiser: anOptimiser,
  random: aRandom,
  augment: optional(anObject),
  kept: optional(anObject),
  averageDecay: optional(aNumber),
  epochs: aNumber,
  batchSize: optional(aNumber),
  signal: optional(anObject),
  checkpoints: optional(having("an object", { due: aFunction, save: aFunction })),
  resume: optional(anObject),
});

/**
 * Trains: the method's stages, then the training proper. Tells each step and each epoch; returns all epochs. The trained
 * values are left in the engine.
 *
 * Throws SHAPE, ARGUMENT or DATA_FORMAT before the first step if model, teacher, method and data set do not fit, WEIGHTS for a
 * network that was never given values or a checkpoint of another training, NOT_FINITE for a loss that is no number, ABORTED once the step under way is done and saved.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, EpochEvent[]> {
  checkArguments("train", { options: [options, trainOptions] });
  const { resume } = options;
  const phases = prepare(options);
  await checkNetworks(options, phases);
  const saved = resume?.epochs ?? [];
  // A checkpoint from the end of a phase has that phase's optimiser: it is restored there, and the next one begins.
  const begun = saved.length + (resume && resume.tally.batches > 0 ? 1 : 0);
  const first = phases.find((phase) => begun <= phase.from + phase.epochs) ?? phases.at(-1)!;
  const before = saved.slice(0, first.from);
  for (const phase of phases.slice(phases.indexOf(first))) {
    before.push(...(yield* trainPhase(options, phase, before, phase === first ? resume : undefined)));
  }
  return before;
}

/** Throws WEIGHTS where a network that the steps use was never given values; a checkpoint has all but the teacher's. */
async function checkNetworks(
  { engine, learner: { model, teacher, extras }, resume }: TrainOptions,
  phases: readonly PreparedPhase[],
): Promise<void> {
  const used = new Set(phases.flatMap(({ steps }) => [...steps.values()].flatMap(({ states }) => [...states])));
  for (const { name, module } of teacher?.members ?? (teacher ? [teacher] : [])) {
    await checkWritten(engine, `the teacher ${name}`, module, (state) => used.has(state));
  }
  if (resume) return;
  await checkWritten(engine, `the student ${model.name}`, model.module);
  for (const [name, { module }] of Object.entries(extras)) {
    await checkWritten(engine, `${name}, trained beside ${model.name},`, module);
  }
}

/** One phase, after the epochs `before`. */
async function* trainPhase(
  options: TrainOptions,
  phase: PreparedPhase,
  before: readonly EpochEvent[],
  resume: Checkpoint | undefined,
): AsyncGenerator<TrainEvent, EpochEvent[]> {
  const { learner, dataset, batchSize = 128, random, signal, checkpoints } = options;
  const { stage, epochs, from } = phase;
  const session = await openSession(options, phase);
  const ranges = batches(dataset.train.count, batchSize);
  const steps = countEpochs(learner.objective, options.epochs) * ranges.length;
  const done: EpochEvent[] = resume?.epochs.slice(from) ?? [];
  let tally = resume?.tally ?? emptyTally;
  try {
    if (resume) await session.restore(resume);
    while (done.length < epochs) {
      const epochStart = random.state();
      const order = loaderOrder(random, dataset.train.count, { shuffle: true });
      if (resume && tally.batches > 0) random.restore(resume.random.now);
      const epoch = from + done.length + 1;
      const place = { epoch: done.length + 1, epochs, ...(stage && { stage: stage.name }) };
      const feed = (at: number): Fed | undefined => ranges[at] && session.feed(order, ranges[at]!, epoch);
      const save = async (now: RandomState, start = epochStart): Promise<void> => {
        if (!checkpoints) return;
        const position = { epochs: [...before, ...done], tally, random: { epochStart: start, now } };
        await checkpoints.save(await session.snapshot(position));
      };
      let fed = feed(tally.batches);
      for (let mark = performance.now(); fed;) {
        const at = tally.batches;
        const step = done.length * ranges.length + at + 1;
        const running = session.run(fed, step);
        const next = feed(at + 1);
        const losses = await running;
        tally = tallied(tally, losses, (performance.now() - mark) / 1000);
        mark = performance.now();
        const position = {
          step: from * ranges.length + step,
          steps,
          stepInEpoch: at + 1,
          stepsPerEpoch: ranges.length,
        };
        const event: StepEvent = { kind: "step", ...position, ...place, ...losses };
        yield event;
        if (signal?.aborted || (next && checkpoints?.due(event))) await save(next?.before ?? random.state());
        stopIfAborted(signal, `${position.step} of ${steps} steps were done`);
        fed = next;
      }
      const now = random.state();
      const validationAccuracy = yield* judged(session.shipping?.judging(place), signal, () => save(now));
      const event = epochOf(tally, { ...place, ...(validationAccuracy !== undefined && { validationAccuracy }) });
      done.push(event);
      tally = emptyTally;
      yield event;
      if (signal?.aborted || checkpoints?.due(event)) await save(now, now);
      stopIfAborted(signal, `${from + done.length} of ${from + epochs} epochs were done`);
    }
    await session.shipping?.ship();
    return done;
  } finally {
    await session.close();
  }
}

/** Judges the weights after an epoch's steps; what has been done is saved if the caller asks to stop meanwhile. */
async function* judged(
  judging: AsyncGenerator<ValidationEvent, number | undefined> | undefined,
  signal: AbortSignal | undefined,
  save: () => Promise<void>,
): AsyncGenerator<ValidationEvent, number | undefined> {
  if (!judging) return undefined;
  try {
    return yield* judging;
  } catch (error) {
    if (signal?.aborted) await save();
    throw error;
  }
}
