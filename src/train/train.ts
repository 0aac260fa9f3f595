/**
 * @file The training loop. Forward, losses, backward and update are recorded once, as one graph (`trainingStep`); the loop
 * (`trainPhase`) runs it batch by batch, tells how it goes, and saves.
 */
import { checkArguments } from "../arguments.ts";
import { batches, type BatchRange } from "../data/loader.ts";
import type { Outputs } from "../engine/contract.ts";
import { namedStates } from "../nn/index.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { loaderOrder, type RandomState } from "../random/index.ts";
import { analyse, gradientsOrNull, type Graph, type Tensor } from "../tensor/index.ts";
import { recordBatch, type BatchOptions } from "./batch.ts";
import { batchLoader, type LoadedBatch, batchSizes, compileForBatches } from "./batches.ts";
import { restoreCheckpoint, takeCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { trainingStates, trainedParameters } from "./states.ts";
import { emaOf, type Ema } from "./ema.ts";
import { emptyMeter, epochOf, metered, type BatchLosses, stopIfAborted } from "./events.ts";
import type { EpochEvent, StepEvent, TrainEvent, ValidationEvent } from "./events.ts";
import { checkInitialised } from "./check-model.ts";
import type { Learner } from "./learner.ts";
import {
  checkFinite,
  checkReached,
  perLossGradients,
  sum,
  totalGradients,
  weightLosses,
  withMixedLabels,
} from "./losses.ts";
import { openModelSelection } from "./model-selection.ts";
import { negativeSampler } from "./negatives.ts";
import {
  checkOptions,
  checkScalars,
  trainOptions,
  type PrepareOptions,
  type TrainOptions,
  countEpochs,
  phasesOf,
  type Phase,
} from "./options.ts";
import { scheduledStepInput, type StepInput } from "./step-input.ts";

/**
 * Trains: the method's pre-training, then the training proper. Tells each step and each epoch; returns all epochs. The trained
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
  const begun = saved.length + (resume && resume.meter.batches > 0 ? 1 : 0);
  const first = phases.find((phase) => begun <= phase.from + phase.epochs) ?? phases.at(-1)!;
  const before = saved.slice(0, first.from);
  for (const phase of phases.slice(phases.indexOf(first))) {
    before.push(...(yield* trainPhase(options, phase, before, phase === first ? resume : undefined)));
  }
  return before;
}

/** A step on a batch of n, and what has to be given to it. */
export interface Step {
  /** Outputs: the weighted total and each unweighted loss, read by `lossesOf`. */
  readonly graph: Graph;
  /** Filled in this order. */
  readonly inputs: readonly StepInput[];
  /** Those of their symbols that the graph depends on: a loss may ignore labels, say. */
  readonly symbols: ReadonlySet<Tensor>;
  /** The states that it reads or updates. */
  readonly states: ReadonlySet<Tensor>;
  lossesOf(outputs: Outputs): BatchLosses;
}

/** How a step is to be made. */
export interface StepOptions extends BatchOptions {
  /** Whether images of the batch are mixed, and so what they should be taken for. */
  readonly isMixed?: boolean;
  /** What follows the weights. */
  readonly ema?: Ema | undefined;
}

/**
 * loss = Σ weight · term, the optimiser's updates by its gradient, and what the networks do to their buffers; of the
 * training proper, or of the pre-training phase that `options` has. A parameter that no loss reaches stays as it is. The teacher is part of
 * the graph unless its outputs are cached.
 * Throws ARGUMENT for a loss that has no weight, or losses that no trained parameter has a part in, SHAPE where networks and losses do not fit.
 */
export function trainingStep(
  learner: Learner,
  n: number,
  optimiser: AttachedOptimiser,
  options: StepOptions = {},
): Step {
  const { pretraining, isMixed, ema } = options;
  const { losses, weights } = pretraining ?? learner.objective;
  const method = learner.objective.name;

  // Forward: the student on a batch, and the teacher unless its outputs are cached.
  const recorded = recordBatch(learner, n, options);

  // Losses: by name and unweighted, as the method gives them; weighted and summed.
  const plain = losses(recorded.batch);
  const moved = Array.from(recorded.updates(), ([state, value]) => ({ state, value }));
  const memories = moved.map(({ value }) => value);
  const mixed = isMixed ? withMixedLabels(plain, recorded.batch, recorded.identifying(), memories, method) : undefined;
  const terms = mixed?.terms ?? plain;
  const { weighted, inputs: ramps } = weightLosses(terms, weights, method);
  const loss = sum(Object.values(weighted));

  // Backward: the gradients of the loss, or of task and teacher each where the optimiser wants them.
  const parameters = [...trainedParameters(learner, pretraining).values()].map(({ tensor }) => tensor);
  const perLoss = optimiser.needsPerLossGradients ? perLossGradients(weighted, parameters) : undefined;
  const gradients = perLoss ? totalGradients(perLoss) : gradientsOrNull(loss, parameters);
  checkReached(gradients, method, pretraining?.name);

  // Update: parameters by the optimiser, buffers as the networks say, averages after both.
  const updates = [...optimiser.updates(gradients, perLoss), ...moved];
  const names = Object.keys(terms);
  const graph: Graph = {
    outputs: { loss, ...Object.fromEntries(names.map((name) => [termOutput(name), terms[name]!])) },
    updates: [...updates, ...(ema?.updates(updates) ?? [])],
  };
  const { inputs, states } = analyse(graph);
  return {
    graph,
    inputs: [
      ...recorded.inputs(),
      ...(mixed?.inputs ?? []),
      ...ramps,
      ...[...optimiser.scalars, ...(ema?.scalars ?? [])].map(scheduledStepInput),
    ],
    symbols: new Set(inputs.values()),
    states: new Set(states),
    lossesOf: (outputs) => ({
      loss: outputs["loss"]![0]!,
      terms: Object.fromEntries(names.map((name) => [name, outputs[termOutput(name)]![0]!])),
    }),
  };
}

/** A phase whose steps are recorded. */
export interface PreparedPhase extends Phase {
  readonly optimiser: AttachedOptimiser;
  /** What follows the weights; of the training proper alone. */
  readonly ema?: Ema | undefined;
  /** The batches of an epoch. */
  readonly ranges: readonly BatchRange[];
  /** By batch size: that of full batches, and that of a shorter last one. */
  readonly steps: ReadonlyMap<number, Step>;
}

/**
 * All phases of a training, their steps recorded, so that what does not fit in the last of them is said before the first begins.
 *
 * Throws SHAPE, ARGUMENT, DATA_FORMAT where parts do not fit each other.
 */
export function prepare(options: PrepareOptions): readonly PreparedPhase[] {
  checkOptions(options);
  const { learner, dataset, batchSize = 128, teacherCache, augment, emaDecay } = options;
  const ranges = batches(dataset.train.count, batchSize);
  const wanted = learner.objective.needs.negatives;
  return phasesOf(learner.objective, options.epochs).map((phase): PreparedPhase => {
    const { pretraining } = phase;
    const negatives = wanted && negativeSampler(dataset.train, wanted.count);
    // NOTE: as the methods' own code has it, a pre-training keeps one step size; warm-up and schedule are the training's.
    const rule = pretraining ? options.optimiser.held(options.epochs * ranges.length) : options.optimiser;
    const optimiser = rule.attach(trainedParameters(learner, pretraining));
    checkScalars(optimiser, phase.epochs * ranges.length);
    const ema = emaDecay === undefined || pretraining ? undefined : emaOf(namedStates(learner.model.module), emaDecay);
    const given: StepOptions = { teacherCache, negatives, pretraining, isMixed: augment?.mixup !== undefined, ema };
    const steps = Array.from(batchSizes(ranges), (n) => [n, trainingStep(learner, n, optimiser, given)] as const);
    return { ...phase, optimiser, ema, ranges, steps: new Map(steps) };
  });
}

/** One phase, after the epochs `before`. */
async function* trainPhase(
  options: TrainOptions,
  phase: PreparedPhase,
  before: readonly EpochEvent[],
  resume: Checkpoint | undefined,
): AsyncGenerator<TrainEvent, EpochEvent[]> {
  const { engine, learner, dataset, batchSize = 128, random, augment, signal, checkpoints } = options;
  const { pretraining, epochs, from, optimiser, ema, ranges } = phase;
  const images = dataset.train.count;
  const stepFor = (n: number): Step => phase.steps.get(n)!;
  const programs = await compileForBatches(engine, ranges, (n) => stepFor(n).graph);
  const selection = pretraining ? undefined : await openModelSelection(options, ema);
  const training = { engine, states: trainingStates(learner, optimiser, ema), images, batchSize, selection };
  const loader = batchLoader({ dataset, random, augment, stepFor });
  const steps = countEpochs(learner.objective, options.epochs) * ranges.length;
  const done: EpochEvent[] = resume?.epochs.slice(from) ?? [];
  let meter = resume?.meter ?? emptyMeter;
  try {
    if (resume) {
      await restoreCheckpoint(training, resume);
      random.restore(resume.random.epochStart);
    }
    while (done.length < epochs) {
      const epochStart = random.state();
      const order = loaderOrder(random, images, { shuffle: true });
      if (resume && meter.batches > 0) random.restore(resume.random.now);
      const epoch = done.length + 1;
      const place = { epoch, epochs, ...(pretraining && { phase: pretraining.name }) };
      const load = (at: number): LoadedBatch | undefined => {
        const [range, step] = [ranges[at], done.length * ranges.length + at + 1];
        return range && loader({ order, range, epoch: from + epoch, phaseEpoch: epoch, step });
      };
      const save = async (now: RandomState, start = epochStart): Promise<void> => {
        const position = { epochs: [...before, ...done], meter, random: { epochStart: start, now } };
        await checkpoints?.save(await takeCheckpoint(training, position));
      };
      let batch = load(meter.batches);
      for (let mark = performance.now(); batch;) {
        // The next batch is loaded while this one runs.
        const at = meter.batches;
        const running = programs.for(batch.size).run(batch.inputs);
        const next = load(at + 1);
        const losses = stepFor(batch.size).lossesOf(await running);
        const step = done.length * ranges.length + at + 1;
        checkFinite(losses, learner.objective.name, step, epoch);
        meter = metered(meter, losses, (performance.now() - mark) / 1000);
        mark = performance.now();
        const event: StepEvent = {
          kind: "step",
          step: from * ranges.length + step,
          steps,
          stepInEpoch: at + 1,
          stepsPerEpoch: ranges.length,
          ...place,
          ...losses,
        };
        yield event;
        if (signal?.aborted || (next && checkpoints?.due(event))) await save(next?.before ?? random.state());
        stopIfAborted(signal, `${event.step} of ${steps} steps were done`);
        batch = next;
      }
      const now = random.state();
      const validationAccuracy = yield* validated(selection?.validating(place), signal, () => save(now));
      const event = epochOf(meter, { ...place, ...(validationAccuracy !== undefined && { validationAccuracy }) });
      done.push(event);
      meter = emptyMeter;
      yield event;
      if (signal?.aborted || checkpoints?.due(event)) await save(now, now);
      stopIfAborted(signal, `${from + done.length} of ${from + epochs} epochs were done`);
    }
    await selection?.finish();
    return done;
  } finally {
    programs.close();
    selection?.close();
    const averages = [...(ema?.slots.values() ?? [])].map(({ average }) => average);
    await engine.free([...optimiser.slots.values(), ...averages]);
  }
}

/** Validates the weights after an epoch's steps; what has been done is saved if the caller asks to stop meanwhile. */
async function* validated(
  validating: AsyncGenerator<ValidationEvent, number | undefined> | undefined,
  signal: AbortSignal | undefined,
  save: () => Promise<void>,
): AsyncGenerator<ValidationEvent, number | undefined> {
  if (!validating) return undefined;
  try {
    return yield* validating;
  } catch (error) {
    if (signal?.aborted) await save();
    throw error;
  }
}

/** Throws WEIGHTS where a network that the steps use was never given values; a checkpoint has all but the teacher's. */
async function checkNetworks(
  { engine, learner: { model, teacher, auxiliaries }, resume }: TrainOptions,
  phases: readonly PreparedPhase[],
): Promise<void> {
  const used = new Set(phases.flatMap(({ steps }) => [...steps.values()].flatMap(({ states }) => [...states])));
  for (const { name, module } of teacher?.members ?? (teacher ? [teacher] : [])) {
    await checkInitialised(engine, `the teacher ${name}`, module, (state) => used.has(state));
  }
  if (resume) return;
  await checkInitialised(engine, `the student ${model.name}`, model.module);
  for (const [name, { module }] of Object.entries(auxiliaries)) {
    await checkInitialised(engine, `${name}, trained beside ${model.name},`, module);
  }
}

/** Apart from the total's name, whatever a loss is called. */
function termOutput(name: string): string {
  return `term ${name}`;
}
