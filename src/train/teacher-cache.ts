/** @file A teacher's outputs, computed once for each training image and cached: it never changes while a student learns. */
import { checkArguments, having, listOf } from "../arguments.ts";
import { anObjective, type Observed } from "../distill/index.ts";
import { aModel, type Model } from "../models/model.ts";
import { input, sizeOf, type Shape, type Tensor } from "../tensor/index.ts";
import type { Learner } from "./learner.ts";
import { observe, probe, weightsOf } from "./observe.ts";
import type { Progress } from "./events.ts";
import { infer, inferenceOptions, type InferenceOptions } from "./inference.ts";
import { checkInitialised } from "./check-model.ts";
import type { StepInput } from "./step-input.ts";

/** One of a teacher's outputs for every training image, in the data set's order. */
export interface CachedOutput {
  /** Of one image. */
  readonly shape: Shape;
  /** [images, ...shape] */
  readonly values: Float32Array;
}

/** By the name that the objective gives it. */
export type TeacherCache = Readonly<Record<string, CachedOutput>>;

/** A student, and what it is trained on. */
type Student = Pick<Learner, "model" | "objective" | "pairings">;

/**
 * One pass of the teacher over the training images, in evaluation mode, for all these learners at once: targets that are
 * the same tensor of the teacher are computed and held once. The result has one entry a learner, in their order.
 *
 * Exact where images are not varied: training on cached outputs gives the same bits as asking the teacher at each step. Throws
 * SHAPE for a teacher that does not fit, WEIGHTS for one that was never given values.
 */
export async function* cacheTeacherOutputs(
  teacher: Omit<InferenceOptions, "split">,
  learners: readonly Student[],
): AsyncGenerator<Progress, TeacherCache[]> {
  checkArguments("cacheTeacherOutputs", {
    teacher: [teacher, having("an object", inferenceOptions)],
    learners: [learners, listOf(having("a learner", { model: aModel, objective: anObjective }))],
  });
  const split = teacher.dataset.train;
  const { engine, model } = teacher;
  for (const { name, module } of model.members ?? [model])
    await checkInitialised(engine, `the teacher ${name}`, module);
  const { tensors, ids } = distinctTargets(learners, model, observe(model, probe(model), false));
  const cached = tensors.map(({ shape, size }) => ({
    shape: shape.slice(1),
    values: new Float32Array(size * split.count),
  }));
  const wanted = (observed: Observed): Record<string, Tensor> =>
    Object.fromEntries(distinctTargets(learners, model, observed).tensors.entries());
  if (cached.length === 0) return ids.map(() => ({}));
  for await (const { from, to, outputs } of infer({ ...teacher, split }, wanted)) {
    for (const [id, { values }] of cached.entries()) values.set(outputs[id]!, (values.length / split.count) * from);
    yield { done: to, total: split.count };
  }
  return ids.map((named) => Object.fromEntries(Object.entries(named).map(([name, id]) => [name, cached[id]!])));
}

/** Bytes that `cacheTeacherOutputs` would hold for so many images. */
export function teacherCacheBytes(teacher: Model, learners: readonly Student[], images: number): number {
  const { tensors } = distinctTargets(learners, teacher, observe(teacher, probe(teacher), false));
  return tensors.reduce((sum, { size }) => sum + size * images * Float32Array.BYTES_PER_ELEMENT, 0);
}

/** One of the cached outputs, for the images of a batch: [N, ...shape]. */
export function cachedInput(n: number, name: string, { shape, values: all }: CachedOutput): StepInput<Float32Array> {
  const size = sizeOf(shape);
  return {
    symbol: input(`target ${name}`, [n, ...shape]),
    fill(values, { order, range: { from, to } }) {
      for (let i = from; i < to; i++) {
        values.set(all.subarray(order[i]! * size, (order[i]! + 1) * size), (i - from) * size);
      }
    },
  };
}

/** The tensors that the objectives want, each once, and for each learner its names' places among them. */
export function distinctTargets(
  learners: readonly Student[],
  teacher: Model,
  observed: Observed,
): { readonly tensors: readonly Tensor[]; readonly ids: readonly Readonly<Record<string, number>>[] } {
  const wanted = learners.map(({ model, objective, pairings }) => {
    const student = observe(model, probe(model), false);
    return Object.entries(objective.targets(observed, weightsOf(teacher, objective.name), student, pairings));
  });
  const tensors = [...new Set(wanted.flat().map(([, tensor]) => tensor))];
  const ids = wanted.map((named) => Object.fromEntries(named.map(([name, tensor]) => [name, tensors.indexOf(tensor)])));
  return { tensors, ids };
}
