/** @file What methods make of a teacher's outputs, computed once for each training image and cached. */
import { batches } from "../data/loader.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { input, isInput, topologicalOrder, type Tensor } from "../tensor/index.ts";
import {
  compileForBatches,
  stopIfAborted,
  type Progress,
  collectTargets,
  distinctTargets,
  type TargetBatch,
  type TeacherCache,
  type TeacherViews,
} from "../train/index.ts";
import type { Learner } from "../distill/learner.ts";
import { observe } from "../distill/observe.ts";
import type { Observed } from "../distill/index.ts";
import { readOutputs } from "./outputs.ts";
import { placeholderName } from "./placeholder.ts";
import { LOGITS, type TeacherDescription, type TeacherOutputs } from "./teacher.ts";

export interface CacheTargetsOptions {
  /** Where targets are computed from outputs; it holds the network's values where methods use them. */
  readonly engine: Engine;
  readonly outputs: TeacherOutputs;
  /** Those of the same images mirrored, where mirrored views have targets of their own (`flip`), or their mean is kept. */
  readonly mirrored?: TeacherOutputs | undefined;
  /** `flip` by default where there are `mirrored`, else `image`. */
  readonly views?: TeacherViews | undefined;
  /** What `teacherPlaceholder` made of the outputs, and learners have as their teacher. */
  readonly teacher: Model;
  /** 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal | undefined;
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
  const { outputs, mirrored, teacher, views = mirrored ? "flip" : "image" } = options;
  if (views !== "image" && !mirrored)
    throw new LimbeckError(
      "ARGUMENT",
      `cacheTargets: ${views} needs the outputs of mirrored images too; give mirrored`,
    );
  const sides = views === "image" || !mirrored ? [outputs] : [outputs, mirrored];
  return yield* collectTargets(learners, teacher, {
    count: outputs.count,
    views,
    passes: (wanted) => passesOver(sides, wanted, options),
  });
}

/** The targets of outputs, batch by batch, one side after the other. */
async function* passesOver(
  sides: readonly TeacherOutputs[],
  wanted: (observed: Observed) => Record<string, Tensor>,
  { engine, outputs, teacher, batchSize = 32, signal }: CacheTargetsOptions,
): AsyncGenerator<TargetBatch> {
  const recorded = (n: number): Record<string, Tensor> =>
    wanted(observe(teacher, input("images", [n, ...teacher.inputShape]), false));
  const paths = pathsOf(Object.values(recorded(1)), outputs);
  const { count } = outputs;
  const ranges = batches(count, batchSize);
  const programs = await compileForBatches(engine, ranges, (n) => ({ outputs: recorded(n), updates: [] }));
  try {
    for (const [view, side] of sides.entries())
      for (const { from, to } of ranges) {
        stopIfAborted(signal, `${from} of ${count} images were done and nothing was kept`);
        const read = await readOutputs(side, from, to, paths);
        const feeds = Object.fromEntries(Object.entries(read).map(([path, values]) => [placeholderName(path), values]));
        yield { from, to, view, outputs: await programs.for(to - from).run(feeds) };
      }
  } finally {
    programs.close();
  }
}

/** A cache of the right shapes that holds nothing: to record steps with before the teacher is queried. */
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
  described: TeacherDescription,
): readonly string[] {
  const seen = observe(teacher, input("images", [1, ...teacher.inputShape]), false);
  return pathsOf(distinctTargets(learners, teacher, seen).tensors, described);
}

function pathsOf(tensors: readonly Tensor[], { name, shapes, classNames }: TeacherDescription): string[] {
  const inputs = topologicalOrder(tensors).filter(isInput);
  const start = placeholderName("");
  const paths = inputs.flatMap(({ attributes }) =>
    attributes.name.startsWith(start) ? [attributes.name.slice(start.length)] : [],
  );
  const unknown = paths.find((path) => !shapes.has(path));
  if (unknown === undefined) return paths;
  throw new LimbeckError(
    "ARGUMENT",
    `the teacher ${name} has ${shapes.get(LOGITS)?.[0] ?? "no"} classes, which are not the data set's${classNames ? `: ${classNames.slice(0, 5).join(", ")}` : ""}; ` +
      "say which of its classes are the data set's, by their names (teacherLabels), or choose a method that compares features",
  );
}
