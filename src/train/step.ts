/** @file The graph of one training step: forward, losses, backward, updates. */
import type { Weight } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { Mask } from "../nn/index.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { add, analyse, gradientsOrNull, type Graph, type Tensor } from "../tensor/index.ts";
import type { Averages } from "./averages.ts";
import { recordBatch, type BatchOptions } from "./batch.ts";
import { trainedParameters, type Learner } from "./learner.ts";
import { withMixedLabels } from "./mixed-labels.ts";
import { weigh } from "./ramp.ts";
import { gradientsApart, type Parts } from "./step-gradients.ts";

/** A step on a batch of n, and what has to be fed to it. */
export interface Step {
  /** Outputs: `loss`, and each unweighted term as `term NAME`. */
  readonly graph: Graph;
  /** The names of the inputs that the graph depends on: a loss may ignore labels, say. */
  readonly inputs: ReadonlySet<string>;
  /** The states that it reads or updates. */
  readonly states: ReadonlySet<Tensor>;
  /** To be drawn in this order, whether or not the graph depends on them. */
  readonly masks: readonly Mask[];
}

/** How a step is to be made. */
export interface StepOptions extends BatchOptions {
  /** Whether images of the batch are mixed, and so what they should be taken for. */
  readonly mixed?: boolean;
  /** What follows the weights. */
  readonly averages?: Averages | undefined;
}

/**
 * loss = Σ weight · term, the optimiser's updates by its gradient, and what the networks do to their buffers; of the
 * training proper, or of the stage that `options` names. A parameter that no loss reaches stays as it is. The teacher is part of
 * the graph unless its targets are kept.
 * Throws ARGUMENT for a loss that has no weight, or losses that no trained parameter has a part in, SHAPE where networks and losses do not fit.
 */
export function trainingStep(
  learner: Learner,
  n: number,
  optimiser: AttachedOptimiser,
  options: StepOptions = {},
): Step {
  const { batch, masks, updates } = recordBatch(learner, n, options);
  const { losses, weights } = options.stage ?? learner.objective;
  const method = learner.objective.name;
  const plain = losses(batch);
  const moved = Array.from(updates(), ([state, value]) => ({ state, value }));
  const terms = options.mixed
    ? withMixedLabels(
        plain,
        batch,
        moved.map(({ value }) => value),
        method,
      )
    : plain;
  const parts = weighted(terms, method, weights);
  const loss = Object.values(parts).reduce((sum, part) => add(sum, part));
  const parameters = [...trainedParameters(learner, options.stage).values()].map(({ tensor }) => tensor);
  const { whole, apart } = optimiser.apart
    ? gradientsApart(parts, parameters)
    : { whole: gradientsOrNull(loss, parameters), apart: undefined };
  checkReached(whole, method, options.stage?.name);
  const direct = [...optimiser.updates(whole, apart), ...moved];
  const graph: Graph = {
    outputs: { loss, ...Object.fromEntries(Object.entries(terms).map(([name, term]) => [`term ${name}`, term])) },
    updates: [...direct, ...(options.averages?.updates(direct) ?? [])],
  };
  const { inputs, states } = analyse(graph);
  return { graph, inputs: new Set(inputs.keys()), states: new Set(states), masks: masks() };
}

/** Throws ARGUMENT where a training would change nothing. */
function checkReached(gradients: readonly (Tensor | null)[], method: string, stage: string | undefined): void {
  if (gradients.some((gradient) => gradient !== null)) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method}: no loss${stage === undefined ? "" : ` of its stage ${stage}`} depends on a parameter that is trained; ` +
      "compute one from what the student or an extra module gives",
  );
}

function weighted(
  terms: Readonly<Record<string, Tensor>>,
  method: string,
  weights: Readonly<Record<string, Weight>>,
): Parts {
  const parts = Object.entries(terms).map(([name, term]) => {
    const weight = weights[name];
    if (weight === undefined) {
      throw new LimbeckError(
        "ARGUMENT",
        `method ${method}: its loss ${name} has no weight; weights() gives ${Object.keys(weights).join(", ") || "none"}`,
      );
    }
    return [name, weigh(name, term, weight)] as const;
  });
  if (parts.length === 0) throw new LimbeckError("ARGUMENT", `method ${method}: losses() gives no loss`);
  return Object.fromEntries(parts);
}
