/** @file Whether a training depends on which classes its teacher tells, and what a teacher has to fit for it. */
import type { Dataset } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { isInput, topologicalOrder, type Tensor } from "../tensor/index.ts";
import { recordBatch } from "./batch.ts";
import { checkTakes } from "./check-model.ts";
import type { Learner } from "../distill/learner.ts";
import { classifierOf, observe, probe, weightsOf } from "../distill/observe.ts";

/** Throws SHAPE unless the teacher takes the data set's images and, where the method uses its logits, tells as many classes. */
export function checkTeacher(learner: Learner, dataset: Dataset): void {
  const { teacher, objective } = learner;
  if (!teacher) return;
  checkTakes(teacher, dataset);
  const [told, wanted] = [observe(teacher, probe(teacher), false).logits.shape, dataset.classes.length];
  if ((told.length === 2 && told[1] === wanted) || !usesTeacherClasses(learner)) return;
  throw new LimbeckError(
    "SHAPE",
    `${teacher.name} should give ${wanted} logits for an image, one a class of ${dataset.name}, because method ${objective.name} uses ` +
      `them, but it gives ${told.slice(1).join(", ")}; choose a method that compares features alone, or a teacher of these classes`,
  );
}

/**
 * Whether anything that is learned depends on the teacher's classifier: its logits, or its weights. Found by recording a step, so that
 * it is true of any method. Throws ARGUMENT for a teacher whose logits are given by no module.
 */
export function usesTeacherClasses(learner: Learner): boolean {
  const { model, teacher, objective, pairings } = learner;
  if (!teacher) return false;
  const [seen, student] = [observe(teacher, probe(teacher), false), observe(model, probe(model), false)];
  const head = teacher.external?.hasWeights === false ? new Set<Tensor>() : classifierStates(teacher);
  // Of a teacher whose outputs are computed outside Limbeck, the logits are an input of the step.
  const given = isInput(seen.logits) ? seen.logits.attributes.name : undefined;
  const isHead = (each: Tensor): boolean => head.has(each) || (isInput(each) && each.attributes.name === given);
  const depend = (tensors: Iterable<Tensor>): boolean => topologicalOrder([...tensors]).some(isHead);
  const weights = weightsOf(teacher, objective.name);
  // NOTE: first, because losses of logits of other classes cannot be recorded.
  if (depend(Object.values(objective.targets(seen, weights, student, pairings)))) return true;
  if ([...namedStates(model.module).values()].some((state) => head.has(state))) return true;
  return [undefined, ...objective.pretraining].some((pretraining) => {
    const { batch } = recordBatch(learner, BATCH, { negatives: { count: 1, draw() {} }, pretraining });
    return depend(Object.values((pretraining ?? objective).losses(batch)));
  });
}

/** Images of a batch that is recorded only to be looked at. */
const BATCH = 4;

/** The parameters and buffers of the module that gives the logits, or of each of an ensemble's. */
function classifierStates(teacher: Model): ReadonlySet<Tensor> {
  return new Set(
    (teacher.members ?? [teacher]).flatMap((member) => {
      const classifier = classifierOf(member);
      return [...namedStates(member.module)].flatMap(([path, state]) =>
        path.startsWith(`${classifier}.`) ? [state] : [],
      );
    }),
  );
}
