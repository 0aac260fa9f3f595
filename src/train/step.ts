/** @file A training step as a graph: forward, losses, backward and update, and what it has to be given. */
import type { Losses, Weight } from "../distill/index.ts";
import type { Outputs } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { analyse, gradientsOrNull, topologicalOrder, type Graph, type Tensor } from "../tensor/index.ts";
import { recordBatch, type BatchOptions } from "./batch.ts";
import type { LoadedStep } from "./batches.ts";
import type { BatchLosses } from "./events.ts";
import type { StepActs, StepGradients } from "./feature.ts";
import type { Learner } from "../distill/learner.ts";
import { checkReached, perLossGradients, sum, totalGradients, weightLosses, withMixedLabels } from "./losses.ts";
import { trainedParameters } from "./states.ts";
import { scheduledStepInput } from "./step-input.ts";

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
  return wholeStep(stepActs(learner, optimiser, options), n);
}

/** The acts of this learner's step. They throw as `trainingStep`. */
export function stepActs(learner: Learner, optimiser: AttachedOptimiser, options: StepOptions = {}): StepActs {
  const { pretraining, isMixed, labelSmoothing, features = [], epochsDone = 0 } = options;
  const { losses, weights } = pretraining ?? learner.objective;
  const method = learner.objective.name;
  const parameters = trainedParameters(learner, pretraining);
  const tensors = Array.from(parameters.values(), ({ tensor }) => tensor);
  return {
    learner,
    parameters: [...parameters.keys()],
    forward(n) {
      const recorded = recordBatch(learner, n, options);
      const plain = losses(recorded.batch);
      if (labelSmoothing && !pretraining && !recorded.usesLabelsLoss()) throw notSmoothed(method);
      const moved = Array.from(recorded.updates(), ([state, value]) => ({ state, value }));
      const memories = moved.map(({ value }) => value);
      const mixed = isMixed
        ? withMixedLabels(plain, recorded.batch, recorded.identifying(), memories, method)
        : undefined;
      const terms = mixed?.terms ?? plain;
      const { weighted, inputs: ramps } = weightLosses(terms, weights, method);
      const each = recorded.batch.classWeights?.each;
      if (each && !pretraining && !isReached(each, terms, weights)) throw notBalanced(method);
      return { terms, weighted, moved, inputs: [...recorded.inputs(), ...(mixed?.inputs ?? []), ...ramps] };
    },
    backward(weighted) {
      const perLoss = optimiser.needsPerLossGradients ? perLossGradients(weighted, tensors) : undefined;
      const all = perLoss ? totalGradients(perLoss) : gradientsOrNull(sum(Object.values(weighted)), tensors);
      const found = features.reduce<StepGradients>(
        (gradients, feature) => feature.gradients?.(gradients, epochsDone) ?? gradients,
        { gradients: all, perLoss },
      );
      checkReached(found.gradients, method, pretraining?.name);
      return found;
    },
    update({ gradients, perLoss }, moved) {
      const updates = [...optimiser.updates(gradients, perLoss), ...moved];
      for (const feature of features) updates.push(...(feature.updates?.(updates) ?? []));
      return updates;
    },
    scalars: [...optimiser.scalars, ...features.flatMap(({ scalars = [] }) => scalars)].map(scheduledStepInput),
  };
}

/** All acts on n images as one graph. */
export function wholeStep(acts: StepActs, n: number): Step {
  // Forward and losses.
  const { terms, weighted, moved, inputs: drawn } = acts.forward(n);
  // Backward.
  const gradients = acts.backward(weighted);
  // Update.
  const updates = acts.update(gradients, moved);

  const { outputs, lossesOf } = lossOutputs(terms, weighted);
  const graph: Graph = { outputs, updates: [...updates] };
  const { inputs, states } = analyse(graph);
  return {
    graph,
    inputs: [...drawn, ...acts.scalars],
    symbols: new Set(inputs.values()),
    states: new Set(states),
    lossesOf,
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

/** Whether losses that count depend on it. */
function isReached(tensor: Tensor, terms: Losses, weights: Readonly<Record<string, Weight>>): boolean {
  const counting = Object.entries(terms).flatMap(([name, term]) => (weights[name] === 0 ? [] : [term]));
  return topologicalOrder(counting).includes(tensor);
}

function notBalanced(method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method} learns from no cross entropy with the labels that balance weights could weigh; draw the images by class instead (--balance sampler), or give that loss a weight (ceWeight)`,
  );
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
