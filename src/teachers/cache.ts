/** @file What methods make of a teacher's outputs, computed once for each training image and cached. */
import { batches } from "../data/loader.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { input, isInput, topologicalOrder, type Tensor } from "../tensor/index.ts";
import { compileForBatches } from "../train/batches.ts";
import { stopIfAborted, type Progress } from "../train/events.ts";
import type { Learner } from "../distill/learner.ts";
import { observe } from "../distill/observe.ts";
import { distinctTargets, type TeacherCache } from "../train/teacher-cache.ts";
import { readOutputs, type TeacherOutputs } from "./outputs.ts";
import { placeholderName } from "./placeholder.ts";
import { LOGITS } from "./teacher.ts";

export interface CacheTargetsOptions {
  /** Where targets are computed from outputs; it holds the network's values where methods use them. */
  readonly engine: Engine;
  readonly outputs: TeacherOutputs;
  /** What `teacherPlaceholder` made of the outputs, and learners have as their teacher. */
  readonly teacher: Model;
  /** 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/**
 * For each learner the targets of every training image, in their order: what `cacheTeacherOutputs` gives of a network that runs in the engine. Outputs are read
 * once for all learners, batch by batch, and only targets are held.
 *
 * Throws ARGUMENT for a method that compares logits with a teacher of other classes, UNKNOWN_NAME for an output that the teacher does not give.
 */
export async function* cacheTargets(
  options: CacheTargetsOptions,
  learners: readonly Pick<Learner, "model" | "objective" | "pairings">[],
): AsyncGenerator<Progress, TeacherCache[]> {
  const { engine, outputs, teacher, batchSize = 32, signal } = options;
  const recorded = (n: number) =>
    distinctTargets(learners, teacher, observe(teacher, input("images", [n, ...teacher.inputShape]), false));
  const { tensors, ids } = recorded(1);
  const wanted = wantedOfMember(tensors, outputs);
  const { count } = outputs;
  const cached = tensors.map(({ shape, size }) => ({ shape: shape.slice(1), values: new Float32Array(size * count) }));
  if (cached.length === 0) return ids.map(() => ({}));
  const ranges = batches(count, batchSize);
  const programs = await compileForBatches(engine, ranges, (n) => ({
    outputs: Object.fromEntries(recorded(n).tensors.entries()),
    updates: [],
  }));
  try {
    for (const { from, to } of ranges) {
      stopIfAborted(signal, `${from} of ${count} images were done and nothing was kept`);
      const given = await readOutputs(outputs, from, to, wanted);
      const feeds = Object.fromEntries(wanted.map((path) => [placeholderName(path), given[path]!]));
      const results = await programs.for(to - from).run(feeds);
      for (const [id, { values }] of cached.entries()) values.set(results[id]!, (values.length / count) * from);
      yield { done: to, total: count };
    }
  } finally {
    programs.close();
  }
  return ids.map((named) => Object.fromEntries(Object.entries(named).map(([name, id]) => [name, cached[id]!])));
}

/** A cache of the right shapes that holds nothing: to record steps with before the teacher was asked. */
export function cacheWithoutValues(
  learner: Pick<Learner, "model" | "objective" | "pairings">,
  teacher: Model,
): TeacherCache {
  const seen = observe(teacher, input("images", [1, ...teacher.inputShape]), false);
  const { tensors, ids } = distinctTargets([learner], teacher, seen);
  const empty = tensors.map(({ shape }) => ({ shape: shape.slice(1), values: new Float32Array() }));
  return Object.fromEntries(Object.entries(ids[0] ?? {}).map(([name, id]) => [name, empty[id]!]));
}

/** The outputs that learners' targets are computed from, by name. Throws as `cacheTargets`. */
export function outputsNeeded(
  learners: readonly Pick<Learner, "model" | "objective" | "pairings">[],
  teacher: Model,
  outputs: TeacherOutputs,
): readonly string[] {
  const seen = observe(teacher, input("images", [1, ...teacher.inputShape]), false);
  return wantedOfMember(distinctTargets(learners, teacher, seen).tensors, outputs);
}

function wantedOfMember(tensors: readonly Tensor[], { name, shapes, classNames }: TeacherOutputs): string[] {
  const given = topologicalOrder(tensors).filter(isInput);
  const start = placeholderName("");
  const paths = given.flatMap(({ attributes }) =>
    attributes.name.startsWith(start) ? [attributes.name.slice(start.length)] : [],
  );
  const unknown = paths.find((path) => !shapes.has(path));
  if (unknown === undefined) return paths;
  throw new LimbeckError(
    "ARGUMENT",
    `the teacher ${name} tells ${shapes.get(LOGITS)?.[0] ?? "no"} classes, which are not the data set's${classNames ? `: ${classNames.slice(0, 5).join(", ")}` : ""}; ` +
      "say which of its classes are the data set's, by their names (teacherLabels), or choose a method that compares features",
  );
}
