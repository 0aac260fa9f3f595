/** @file Whether a teacher's outputs are computed once and kept, or anew in each step. */
import { keptBytes } from "../train/targets.ts";
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
 * Parts runs of one teacher into those for which its outputs are kept and those for which it runs in each step: all where
 * images are varied, else those, from the first on, that would take more memory than the configuration allows.
 */
export function keptOrOnline(
  taught: readonly RunPlan[],
  { augment, teacherMemory }: Pick<TrainingConfig, "augment" | "teacherMemory">,
  images: number,
): { readonly kept: readonly RunPlan[]; readonly online: ReadonlyMap<RunPlan, OnlineTeacher> } {
  const limit = teacherMemory * MEBIBYTE;
  const isVaried = Object.keys(augment).length > 0;
  const kept: RunPlan[] = [];
  const online = new Map<RunPlan, OnlineTeacher>();
  for (const plan of taught) {
    const learners = [...kept, plan].map(({ learner }) => learner);
    const bytes = keptBytes(plan.learner.teacher!, learners, images);
    if (isVaried) online.set(plan, { reason: "views", bytes, limit });
    else if (bytes > limit) online.set(plan, { reason: "memory", bytes, limit });
    else kept.push(plan);
  }
  return { kept, online };
}
