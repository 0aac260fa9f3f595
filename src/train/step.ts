/** @file The graph of one training step: forward, losses, backward, updates. */
import type { Weight } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { Mask } from "../nn/module.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { add, analyse, gradients, type Graph, type Tensor } from "../tensor/index.ts";
import { recordBatch, type BatchOptions } from "./batch.ts";
import { trainedParameters, type Learner } from "./learner.ts";
import { weigh } from "./ramp.ts";

/** A step on a batch of n, and what has to be fed to it. */
export interface Step {
  /** Outputs: `loss`, and each unweighted term as `term NAME`. */
  readonly graph: Graph;
  /** The names of the inputs that the graph depends on: a loss may ignore labels, say. */
  readonly inputs: ReadonlySet<string>;
  /** To be drawn in this order, whether or not the graph depends on them. */
  readonly masks: readonly Mask[];
}

/**
 * loss = Σ weight · term, the optimiser's updates by its gradient, and what the networks do to their buffers; of the
 * training proper, or of the stage that `options` names. The teacher is part of the graph unless its targets are kept.
 * Throws ARGUMENT for a loss that has no weight, SHAPE where networks and losses do not fit.
 */
export function trainingStep(
  learner: Learner,
  n: number,
  optimiser: AttachedOptimiser,
  options: BatchOptions = {},
): Step {
  const { batch, masks, updates } = recordBatch(learner, n, options);
  const { losses, weights } = options.stage ?? learner.objective;
  const terms = losses(batch);
  const loss = weighted(terms, learner.objective.name, weights);
  const parameters = [...trainedParameters(learner, options.stage).values()].map(({ tensor }) => tensor);
  const graph: Graph = {
    outputs: { loss, ...Object.fromEntries(Object.entries(terms).map(([name, term]) => [`term ${name}`, term])) },
    updates: [
      ...optimiser.updates(gradients(loss, parameters)),
      ...Array.from(updates(), ([state, value]) => ({ state, value })),
    ],
  };
  return { graph, inputs: new Set(analyse(graph).inputs.keys()), masks: masks() };
}

function weighted(
  terms: Readonly<Record<string, Tensor>>,
  method: string,
  weights: Readonly<Record<string, Weight>>,
): Tensor {
  const parts = Object.entries(terms).map(([name, term]) => {
    const weight = weights[name];
    if (weight === undefined) {
      throw new LimbeckError(
        "ARGUMENT",
        `method ${method}: its loss ${name} has no weight; weights() gives ${Object.keys(weights).join(", ") || "none"}`,
      );
    }
    return weigh(name, term, weight);
  });
  if (parts.length === 0) throw new LimbeckError("ARGUMENT", `method ${method}: losses() gives no loss`);
  return parts.reduce((sum, part) => add(sum, part));
}
