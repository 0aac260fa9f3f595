/**
 * @file The training loop. `train` runs the phases of a training and `trainPhase` the steps of one: each computes the
 * forward pass, losses, backward pass and update, which `trainingStep` records as one graph, and is told and saved.
 */
import { checkArguments } from "../arguments.ts";
import { batches, type BatchRange } from "../data/loader.ts";
import { isMixing } from "../data/mixup.ts";
import type { Outputs } from "../engine/contract.ts";
import { namedStates } from "../nn/index.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { loaderOrder, type RandomState } from "../random/index.ts";
import { analyse, gradientsOrNull, type Graph, type Tensor } from "../tensor/index.ts";
import { recordBatch, type BatchOptions } from "./batch.ts";
import { batchLoader, bySize, compileForBatches, type BySize, type LoadedBatch, type LoadedStep } from "./batches.ts";
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
  type StepEvent,
  type TrainEvent,
  type Validated,
  type ValidationEvent,
} from "./events.ts";
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
  countEpochs,
  phasesOf,
  trainOptions,
  type Phase,
  type PrepareOptions,
  type TrainOptions,
} from "./options.ts";
import { trainedParameters, trainingStates } from "./states.ts";
import { scheduledStepInput } from "./step-input.ts";

/**
 * Trains: the method's pre-training, then the training proper. Tells each step and each epoch; returns all epochs. The trained
 * values are left in the engine.
 *
 * Throws SHAPE, ARGUMENT or DATA_FORMAT before the first step if model, teacher, method and data set do not fit, WEIGHTS for a
 * network that was never given values or a checkpoint of another training, NOT_FINITE for a loss that is no number, ABORTED once the step under way is done and saved.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, EpochEvent[]> {
  checkArguments("train", { options: [options, trainOptions] });
  const { engine, learner, resume } = options;
  const phases = prepare(options);
  const recorded = phases.flatMap(({ steps, quantised }) => [...steps.all, ...(quantised?.steps.all ?? [])]);
  const used = new Set(recorded.flatMap(({ states }) => [...states]));
  await checkNetworks(engine, learner, { used, isResumed: resume !== undefined });
  const saved = resume?.epochs ?? [];
  // A checkpoint from the end of a phase has that phase's optimiser: it is restored there, and the next one begins.
  const begun = saved.length + (resume && resume.meter.batches > 0 ? 1 : 0);
  const left = phases.slice(phases.findIndex((phase) => begun <= phase.from + phase.epochs));
  const done = saved.slice(0, left[0]?.from);
  for (const [i, phase] of left.entries()) {
    done.push(...(yield* trainPhase(options, phase, done, i === 0 ? resume : undefined)));
  }
  return done;
}

/** The steps of one phase, after the epochs `before`. */
async function* trainPhase(
  options: TrainOptions,
  phase: PreparedPhase,
  before: readonly EpochEvent[],
  resume: Checkpoint | undefined,
): AsyncGenerator<TrainEvent, EpochEvent[]> {
  const { engine, learner, dataset, batchSize = 128, random, augment, signal, checkpoints } = options;
  const { pretraining, epochs, from, optimiser, ema, ranges, quantised } = phase;
  const images = dataset.train.count;
  const stepsInAll = countEpochs(learner.objective, options.epochs) * ranges.length;
  const selection = pretraining ? undefined : await openModelSelection(options, ema);
  const training = { engine, states: trainingStates(learner, optimiser, ema), images, batchSize, selection };
  const open = async (steps: BySize<Step>) => ({
    steps,
    loader: batchLoader({ dataset, random, augment, steps }),
    programs: await compileForBatches(engine, ranges, (n) => steps.for(n).graph),
  });
  const done: EpochEvent[] = resume?.epochs.slice(from) ?? [];
  let meter = resume?.meter ?? emptyMeter;
  const stepsNow = (): BySize<Step> => (quantised && done.length >= quantised.after ? quantised.steps : phase.steps);
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
      const { steps, loader, programs } = opened;
      const epochStart = random.state();
      const order = loaderOrder(random, images, { shuffle: true });
      if (resume && meter.batches > 0) random.restore(resume.random.now);
      const epoch = done.length + 1;
      const place = { epoch, epochs, ...(pretraining && { phase: pretraining.name }) };
      const stepsBefore = done.length * ranges.length;
      const load = (i: number): LoadedBatch | undefined => {
        const range = ranges[i];
        return range && loader({ order, range, epoch: from + epoch, phaseEpoch: epoch, step: stepsBefore + i + 1 });
      };
      const save = async (now: RandomState, start = epochStart): Promise<void> => {
        const position = { epochs: [...before, ...done], meter, random: { epochStart: start, now } };
        await checkpoints?.save(await takeCheckpoint(training, position));
      };

      let batch = load(meter.batches);
      for (let mark = performance.now(); batch;) {
        // Forward, losses, backward and update run in the engine; the next batch is loaded meanwhile.
        const running = programs.for(batch.size).run(batch.inputs);
        const next = load(meter.batches + 1);
        const losses = steps.for(batch.size).lossesOf(await running);

        // The losses are seen to be numbers, added up, and told.
        const stepInEpoch = meter.batches + 1;
        const step = stepsBefore + stepInEpoch;
        checkFinite(losses, learner.objective.name, step, epoch);
        meter = metered(meter, losses, (performance.now() - mark) / 1000);
        mark = performance.now();
        const event: StepEvent = {
          kind: "step",
          step: from * ranges.length + step,
          steps: stepsInAll,
          stepInEpoch,
          stepsPerEpoch: ranges.length,
          ...place,
          ...losses,
        };
        yield event;

        // Save.
        if (signal?.aborted || (next && checkpoints?.due(event))) await save(next?.before ?? random.state());
        stopIfAborted(signal, `${event.step} of ${stepsInAll} steps were done`);
        batch = next;
      }

      // After the epoch: validate, tell, save.
      const now = random.state();
      const found = yield* validated(selection?.validating(place), signal, () => save(now));
      const event = epochOf(meter, { ...place, ...found });
      done.push(event);
      meter = emptyMeter;
      yield event;
      if (signal?.aborted || checkpoints?.due(event)) await save(now, now);
      stopIfAborted(signal, `${from + done.length} of ${from + epochs} epochs were done`);
    }
    await selection?.finish();
    return done;
  } finally {
    opened.programs.close();
    selection?.close();
    const averages = [...(ema?.slots.values() ?? [])].map(({ average }) => average);
    await engine.free([...optimiser.slots.values(), ...averages]);
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

/** A step on a batch of n, and what has to be given to it. */
export interface Step extends LoadedStep {
  /** Outputs: the weighted total and each unweighted loss, read by `lossesOf`. */
  readonly graph: Graph;
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
 * training proper, or of the pre-training phase that `options` has. A parameter that no loss reaches stays as it is. The teacher
 * is part of the graph unless its outputs are cached.
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
  const named = Object.entries(terms).map(([name, term]) => [termOutput(name), term] as const);
  const graph: Graph = {
    outputs: { loss, ...Object.fromEntries(named) },
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
      loss: scalarOf(outputs, "loss"),
      terms: Object.fromEntries(names.map((name) => [name, scalarOf(outputs, termOutput(name))])),
    }),
  };
}

/** Apart from the total's name, whatever a loss is called. */
function termOutput(name: string): string {
  return `term ${name}`;
}

function scalarOf(outputs: Outputs, name: string): number {
  return outputs[name]?.[0] ?? Number.NaN;
}

/** A phase whose steps are recorded. */
export interface PreparedPhase extends Phase {
  readonly optimiser: AttachedOptimiser;
  /** What follows the weights; of the training proper alone. */
  readonly ema?: Ema | undefined;
  /** The batches of an epoch. */
  readonly ranges: readonly BatchRange[];
  readonly steps: BySize<Step>;
  /** What takes their place after so many of its epochs, where its network is to be in whole numbers. */
  readonly quantised?: { readonly after: number; readonly steps: BySize<Step> };
}

/**
 * All phases of a training, their steps recorded, so that what does not fit in the last of them is said before the first begins.
 *
 * Throws SHAPE, ARGUMENT, DATA_FORMAT where parts do not fit each other.
 */
export function prepare(options: PrepareOptions): readonly PreparedPhase[] {
  checkOptions(options);
  const { learner, dataset, batchSize = 128, teacherCache, augment, emaDecay, quantizeEpochs = 0 } = options;
  const ranges = batches(dataset.train.count, batchSize);
  const wanted = learner.objective.needs.negatives;
  return phasesOf(learner.objective, options.epochs).map((phase): PreparedPhase => {
    const { pretraining } = phase;
    const negatives = wanted && negativeSampler(dataset.train, wanted.count);
    // NOTE: as the methods' own code has it, pre-training keeps one learning rate; warm-up and schedule are the training's.
    const rule = pretraining ? options.optimiser.withConstantRate(options.epochs * ranges.length) : options.optimiser;
    const optimiser = rule.attach(trainedParameters(learner, pretraining));
    checkScalars(optimiser, phase.epochs * ranges.length);
    const ema = emaDecay === undefined || pretraining ? undefined : emaOf(namedStates(learner.model.module), emaDecay);
    const isMixed = isMixing(augment);
    const stepsOf = (isQuantised: boolean): BySize<Step> =>
      bySize(ranges, (n) =>
        trainingStep(learner, n, optimiser, { teacherCache, negatives, pretraining, isMixed, ema, isQuantised }),
      );
    const prepared = { ...phase, optimiser, ema, ranges, steps: stepsOf(false) };
    if (pretraining || quantizeEpochs === 0) return prepared;
    return { ...prepared, quantised: { after: phase.epochs - quantizeEpochs, steps: stepsOf(true) } };
  });
}
