/** @file A training step as a graph: forward, losses, gradients and update, and what it has to be given. */
import type { Losses } from "../distill/index.ts";
import type { Outputs } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { AttachedOptimiser, PerLossGradients } from "../optim/index.ts";
import { analyse, gradientsOrNull, type Graph, type Tensor, type Update } from "../tensor/index.ts";
import { recordBatch, type BatchOptions } from "./batch.ts";
import type { LoadedStep } from "./batches.ts";
import type { Ema } from "./ema.ts";
import type { BatchLosses } from "./events.ts";
import type { Learner } from "./learner.ts";
import { checkReached, perLossGradients, sum, totalGradients, weightLosses, withMixedLabels } from "./losses.ts";
import { trainedParameters } from "./states.ts";
import { scheduledStepInput, type StepInput } from "./step-input.ts";

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
  /** The names of parameters that stay as they are. */
  readonly frozen?: ReadonlySet<string> | undefined;
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
  const { ema } = options;
  const { terms, weighted, moved, inputs: drawn } = recordLosses(learner, n, options);

  // Backward.
  const { gradients, perLoss } = gradientsOf(weighted, learner, optimiser, options);

  // Update: parameters by the optimiser, buffers as the networks say, averages after both.
  const updates = [...optimiser.updates(gradients, perLoss), ...moved];
  const { outputs, lossesOf } = lossOutputs(terms, weighted);
  const graph: Graph = { outputs, updates: [...updates, ...(ema?.updates(updates) ?? [])] };
  const { inputs, states } = analyse(graph);
  return {
    graph,
    inputs: [...drawn, ...scalarInputs(optimiser, ema)],
    symbols: new Set(inputs.values()),
    states: new Set(states),
    lossesOf,
  };
}

/** A batch's losses as symbols. */
export interface RecordedLosses {
  /** By name and unweighted, as the method gives them; of mixed images, both labels' together. */
  readonly terms: Losses;
  readonly weighted: Losses;
  /** What the networks do to their buffers. */
  readonly moved: readonly Update[];
  /** What they have to be given, in the order in which values are drawn. */
  readonly inputs: readonly StepInput[];
}

/** Forward: the student on a batch of n, the teacher unless its outputs are cached, and their losses. Throws as `trainingStep`. */
export function recordLosses(learner: Learner, n: number, options: StepOptions): RecordedLosses {
  const { pretraining, isMixed, labelSmoothing } = options;
  const { losses, weights } = pretraining ?? learner.objective;
  const method = learner.objective.name;
  const recorded = recordBatch(learner, n, options);
  const plain = losses(recorded.batch);
  if (labelSmoothing && !pretraining && !recorded.usesLabelsLoss()) throw notSmoothed(method);
  const moved = Array.from(recorded.updates(), ([state, value]) => ({ state, value }));
  const memories = moved.map(({ value }) => value);
  const mixed = isMixed ? withMixedLabels(plain, recorded.batch, recorded.identifying(), memories, method) : undefined;
  const terms = mixed?.terms ?? plain;
  const { weighted, inputs: ramps } = weightLosses(terms, weights, method);
  return { terms, weighted, moved, inputs: [...recorded.inputs(), ...(mixed?.inputs ?? []), ...ramps] };
}

/** Gradients in the parameters' order; `null` for one that no gradient flows to, or that is frozen. */
export interface StepGradients {
  readonly gradients: readonly (Tensor | null)[];
  /** Of task and teacher each, where the optimiser wants them. */
  readonly perLoss?: PerLossGradients | undefined;
}

/** The gradients of weighted losses. Throws ARGUMENT where they depend on no parameter that is trained. */
export function gradientsOf(
  weighted: Losses,
  learner: Learner,
  optimiser: AttachedOptimiser,
  { pretraining, frozen }: Pick<StepOptions, "pretraining" | "frozen">,
): StepGradients {
  const all = [...trainedParameters(learner, pretraining)];
  const parameters = all.filter(([name]) => !frozen?.has(name)).map(([, { tensor }]) => tensor);
  const perLoss = optimiser.needsPerLossGradients ? perLossGradients(weighted, parameters) : undefined;
  const gradients = perLoss ? totalGradients(perLoss) : gradientsOrNull(sum(Object.values(weighted)), parameters);
  checkReached(gradients, learner.objective.name, pretraining?.name);
  if (parameters.length === all.length) return { gradients, perLoss };
  const withFrozen = (found: readonly (Tensor | null)[]): (Tensor | null)[] =>
    all.map(([, { tensor }]) => found[parameters.indexOf(tensor)] ?? null);
  return {
    gradients: withFrozen(gradients),
    perLoss: perLoss && { task: withFrozen(perLoss.task), distillation: withFrozen(perLoss.distillation) },
  };
}

/** A graph's outputs that are its losses, and how they are read. */
export function lossOutputs(terms: Losses, weighted: Losses): Pick<Step, "lossesOf"> & Pick<Graph, "outputs"> {
  const names = Object.keys(terms);
  const named = Object.entries(terms).map(([name, term]) => [termOutput(name), term] as const);
  return {
    outputs: { loss: sum(Object.values(weighted)), ...Object.fromEntries(named) },
    lossesOf: (outputs) => ({
      loss: scalarOf(outputs, "loss"),
      terms: Object.fromEntries(names.map((name) => [name, scalarOf(outputs, termOutput(name))])),
    }),
  };
}

/** What goes by the step: the learning rate, say. */
export function scalarInputs(optimiser: AttachedOptimiser, ema: Ema | undefined): StepInput[] {
  return [...optimiser.scalars, ...(ema?.scalars ?? [])].map(scheduledStepInput);
}

function notSmoothed(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method} has no cross entropy with the labels that labelSmoothing could smooth; leave it out (method ls has an option smoothing)`,
  );
}

/** Apart from the total's name, whatever a loss is called. */
function termOutput(name: string): string {
  return `term ${name}`;
}

function scalarOf(outputs: Outputs, name: string): number {
  return outputs[name]?.[0] ?? Number.NaN;
}
