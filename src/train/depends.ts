/** @file What a training depends on, found by recording a step of it: labels, and the student's own classifier. */
import { topologicalOrder, type Tensor } from "../tensor/index.ts";
import { recordBatch } from "./batch.ts";
import type { Learner } from "../distill/learner.ts";

/** Images of a batch that is recorded only to be looked at. */
const BATCH = 4;

/** Whether anything that is learned, or remembered, depends on the images' labels. */
export function usesLabels(learner: Learner): boolean {
  const { objective } = learner;
  if (objective.needs.negatives) return true;
  return [undefined, ...objective.pretraining].some((pretraining) => {
    const { batch, updates } = recordBatch(learner, BATCH, { pretraining });
    const losses = Object.values((pretraining ?? objective).losses(batch));
    return topologicalOrder([...losses, ...Array.from(updates(), ([, value]) => value)]).includes(batch.labels);
  });
}

/** Whether a loss that counts is computed from the student's logits: else its classifier stays as it is. */
export function reachesLogits(learner: Learner): boolean {
  const { objective } = learner;
  const { batch } = recordBatch(learner, BATCH, { negatives: { count: 1, draw() {} } });
  const losses = Object.entries(objective.losses(batch)).flatMap(([name, loss]): Tensor[] =>
    objective.weights[name] === 0 ? [] : [loss],
  );
  return topologicalOrder(losses).includes(batch.student.logits);
}
