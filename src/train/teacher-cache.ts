/** @file A teacher's outputs, computed once for each training image and cached: it never changes while a student learns. */
import { asIs, mirrored } from "../data/shift.ts";
import type { Observed } from "../distill/index.ts";
import type { Model } from "../models/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { observe, probe, weightsOf } from "../distill/observe.ts";
import type { Progress } from "./events.ts";
import { infer, type InferenceOptions } from "./evaluate/inference.ts";
import { checkNotSpatial, type Student } from "../distill/spatial.ts";
import { checkInitialised } from "./check-model.ts";
import type { TeacherCache } from "./step-input.ts";

export type { CachedOutput, TeacherCache } from "./step-input.ts";

/**
 * What a teacher whose outputs are kept is shown of each training image: `image`, it as it is; `flip`, it and its mirror image, each for the
 * views of that side; `mean`, both, and the mean of what it says of them is kept.
 */
export type TeacherViews = "image" | "flip" | "mean";

/**
 * One pass of the teacher over the training images, in evaluation mode, for all these learners at once: targets that are
 * the same tensor of the teacher are computed and held once. The result has one entry a learner, in their order. `views` is
 * `image` by default; by another the teacher passes twice.
 *
 * Exact where images are not varied, and of `flip` where they are mirrored and nothing else: training on cached outputs gives the same bits
 * as asking the teacher at each step. Throws SHAPE for a teacher that does not fit, WEIGHTS for one that was never given values, ARGUMENT for
 * the mean of targets that go by places in the image.
 */
export async function* cacheTeacherOutputs(
  teacher: Omit<InferenceOptions, "split"> & { readonly views?: TeacherViews },
  learners: readonly Student[],
): AsyncGenerator<Progress, TeacherCache[]> {
  const split = teacher.dataset.train;
  const { engine, model, views } = teacher;
  for (const { name, module } of model.members ?? [model])
    await checkInitialised(engine, `the teacher ${name}`, module);
  return yield* collectTargets(learners, model, {
    count: split.count,
    views,
    passes: (wanted, views) => infer({ ...teacher, split }, wanted, views),
  });
}

/** A batch's targets, by their places among the distinct ones. */
export interface TargetBatch {
  readonly from: number;
  readonly to: number;
  /** The place of the view among those that were asked for. */
  readonly view: number;
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

export interface CollectOptions {
  /** Images. */
  readonly count: number;
  readonly views?: TeacherViews | undefined;
  /** The tensors that are wanted of what is observed of the teacher, for every image in each of the views; the last view's batches come after the others' of the same images. */
  passes(
    wanted: (observed: Observed) => Record<string, Tensor>,
    views: readonly (typeof asIs)[],
  ): AsyncIterable<TargetBatch>;
}

/** The targets of every image, wherever they are computed: each once, for all learners. Throws ARGUMENT for the mean of spatial targets. */
export async function* collectTargets(
  learners: readonly Student[],
  teacher: Model,
  { count, views = "image", passes }: CollectOptions,
): AsyncGenerator<Progress, TeacherCache[]> {
  if (views === "mean")
    for (const each of learners) checkNotSpatial(each, teacher, "the mean of both sides of each image is asked for");
  const { tensors, ids } = distinctTargets(learners, teacher, observe(teacher, probe(teacher), false));
  const cached = tensors.map(({ shape, size }) => ({
    shape: shape.slice(1),
    values: new Float32Array(size * count),
    mirrored: views === "flip" ? new Float32Array(size * count) : undefined,
  }));
  const shown = views === "image" ? [asIs] : [asIs, mirrored];
  const wanted = (observed: Observed): Record<string, Tensor> =>
    Object.fromEntries(distinctTargets(learners, teacher, observed).tensors.entries());
  if (cached.length === 0) return ids.map(() => ({}));
  for await (const { from, to, view, outputs } of passes(wanted, shown)) {
    for (const [id, { values, mirrored: others }] of cached.entries()) {
      const at = (values.length / count) * from;
      if (view === 0) values.set(outputs[id]!, at);
      else if (others) others.set(outputs[id]!, at);
      else for (const [i, value] of outputs[id]!.entries()) values[at + i] = (values[at + i]! + value) / 2;
    }
    if (view === shown.length - 1) yield { done: to, total: count };
  }
  return ids.map((named) => Object.fromEntries(Object.entries(named).map(([name, id]) => [name, cached[id]!])));
}

/** Bytes that `cacheTeacherOutputs` would hold for so many images. */
export function teacherCacheBytes(
  teacher: Model,
  learners: readonly Student[],
  images: number,
  views: TeacherViews = "image",
): number {
  const { tensors } = distinctTargets(learners, teacher, observe(teacher, probe(teacher), false));
  const all = tensors.reduce((sum, { size }) => sum + size * images * Float32Array.BYTES_PER_ELEMENT, 0);
  return views === "flip" ? 2 * all : all;
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
