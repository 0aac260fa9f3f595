/** @file The graph of one training step: forward, losses, backward, updates. */
import type { Targets } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { Mask } from "../nn/module.ts";
import type { AttachedOptimiser } from "../optim/index.ts";
import { add, analyse, gradients, input, mul, type Graph, type Tensor } from "../tensor/index.ts";
import { observe, trainedParameters, type Learner } from "./learner.ts";
import type { KeptTargets } from "./targets.ts";

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
 * loss = Σ weight · term, the optimiser's updates by its gradient, and what the student does to its buffers. The teacher is part of the graph unless its targets
 * are kept. Throws ARGUMENT for a loss that has no weight, SHAPE where networks and losses do not fit.
 */
export function trainingStep(learner: Learner, n: number, optimiser: AttachedOptimiser, kept?: KeptTargets): Step {
  const { model, objective, extras } = learner;
  const images = input("images", [n, ...model.inputShape]);
  const student = observe(model, images, true);
  const terms = objective.losses({
    student,
    targets: kept ? keptInputs(kept, n) : onlineTargets(learner, images),
    labels: input("labels", [n], "int32"),
    extra: (name, x) => student.pass.run(name, extras[name]!.module, x),
  });
  const loss = weighted(terms, objective.name, objective.weights);
  const parameters = [...trainedParameters(learner).values()].map(({ tensor }) => tensor);
  const graph: Graph = {
    outputs: { loss, ...Object.fromEntries(Object.entries(terms).map(([name, term]) => [`term ${name}`, term])) },
    updates: [
      ...optimiser.updates(gradients(loss, parameters)),
      ...Array.from(student.pass.updates, ([state, value]) => ({ state, value })),
    ],
  };
  return { graph, inputs: new Set(analyse(graph).inputs.keys()), masks: student.pass.masks };
}

function keptInputs(kept: KeptTargets, n: number): Targets {
  return Object.fromEntries(
    Object.entries(kept).map(([name, { shape }]) => [name, input(`target ${name}`, [n, ...shape])]),
  );
}

function onlineTargets({ teacher, objective }: Learner, images: Tensor): Targets {
  return teacher ? objective.targets(observe(teacher, images, false)) : {};
}

function weighted(
  terms: Readonly<Record<string, Tensor>>,
  method: string,
  weights: Readonly<Record<string, number>>,
): Tensor {
  const parts = Object.entries(terms).map(([name, term]) => {
    const weight = weights[name];
    if (weight === undefined) {
      throw new LimbeckError(
        "ARGUMENT",
        `method ${method}: its loss ${name} has no weight; weights() gives ${Object.keys(weights).join(", ") || "none"}`,
      );
    }
    return mul(term, weight);
  });
  if (parts.length === 0) throw new LimbeckError("ARGUMENT", `method ${method}: losses() gives no loss`);
  return parts.reduce((sum, part) => add(sum, part));
}
