/** @file Whether a teacher's outputs are computed once and cached, or anew in each step. */
import { teacherCacheBytes } from "../train/teacher-cache.ts";
import type { TrainingConfig } from "./config.ts";
import type { RunPlan } from "./run.ts";

/** Why a teacher runs in each step of a run. */
export interface OnlineTeacher {
  /** `views`: it has to see each image as the student does, which is another way each time. `memory`: its outputs are too large. */
  readonly reason: "views" | "memory";
  /** Bytes that its outputs would have taken, and might take. */
  readonly bytes: number;
  readonly limit: number;
}

const MEBIBYTE = 2 ** 20;

/**
 * Parts runs of one teacher into those for which its outputs are cached and those for which it runs in each step: all where
 * images are varied, else those, from the first on, that would take more memory than the configuration allows.
 */
export function cachedOrOnline<Plan extends Pick<RunPlan, "learner">>(
  taught: readonly Plan[],
  { augment, teacherMemory }: Pick<TrainingConfig, "augment" | "teacherMemory">,
  images: number,
): { readonly cached: readonly Plan[]; readonly online: ReadonlyMap<Plan, OnlineTeacher> } {
  const limit = teacherMemory * MEBIBYTE;
  const isVaried = Object.keys(augment).length > 0;
  const cached: Plan[] = [];
  const online = new Map<Plan, OnlineTeacher>();
  for (const plan of taught) {
    const learners = [...cached, plan].map(({ learner }) => learner);
    const bytes = teacherCacheBytes(plan.learner.teacher!, learners, images);
    if (isVaried) online.set(plan, { reason: "views", bytes, limit });
    else if (bytes > limit) online.set(plan, { reason: "memory", bytes, limit });
    else cached.push(plan);
  }
  return { cached, online };
}
