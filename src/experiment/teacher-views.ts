/** @file Which views of each training image a teacher's outputs are kept for, and what its pass costs where it has to run in each step. */
import { isFlippedAlone } from "../data/augment.ts";
import { isMixing } from "../data/mixup.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { countMultiplyAdds } from "../nn/index.ts";
import { spatialTarget } from "../distill/spatial.ts";
import type { Learner } from "../distill/learner.ts";
import { teacherCacheBytes, type TeacherViews } from "../train/index.ts";
import type { TrainingConfig } from "./config.ts";

/** How a teacher's outputs are kept. */
export interface KeptViews {
  readonly views: TeacherViews;
  /** Whether they are also the targets of views that the teacher was not queried by. */
  readonly isFixed: boolean;
}

/** How they are kept, where they can be: not where the teacher is queried by each of many views. */
export function keptViews({
  augment,
  teacherViews,
}: Pick<TrainingConfig, "augment" | "teacherViews">): KeptViews | undefined {
  const isAugmented = Object.keys(augment).length > 0;
  if (teacherViews === "mean" || teacherViews === "image") return { views: teacherViews, isFixed: isAugmented };
  if (!isAugmented) return { views: "image", isFixed: false };
  if (isFlippedAlone(augment)) return { views: "flip", isFixed: false };
  if (teacherViews === "view") return undefined;
  return { views: augment.flip ? "flip" : "image", isFixed: true };
}

/** In bytes. */
export const MEBIBYTE: number = 2 ** 20;

/** Throws ARGUMENT where outputs that cannot be computed in each step take more memory than they may. */
export function checkMemory(
  learners: readonly Learner[],
  teacher: Model,
  images: number,
  most: number,
  views: TeacherViews,
): void {
  const bytes = teacherCacheBytes(teacher, learners, images, views);
  if (bytes <= most * MEBIBYTE) return;
  throw new LimbeckError(
    "ARGUMENT",
    `what ${learners.map(({ objective }) => objective.name).join(", ")} compares of ${teacher.name} takes ${Math.ceil(bytes / MEBIBYTE)} MiB for ${images} images, and may take ${most}; ` +
      "allow more with teacherMemory (--teacher-memory), or choose a method that compares less",
  );
}

/** Multiply-adds of a teacher's pass over those of its student's step, forwards and backwards, which is about three passes. */
export function costOfTeacher({ model, teacher }: Learner): number | undefined {
  if (!teacher || teacher.external || model.external) return undefined;
  const [pass, forward] = [teacher, model].map(({ module, inputShape }) => countMultiplyAdds(module, inputShape));
  return pass! / (3 * forward!);
}

/** Whether its outputs could be kept although images are augmented: `--teacher-views`. */
export function couldBeKept(learns: Learner, augment: TrainingConfig["augment"]): boolean {
  return learns.teacher !== undefined && !isMixing(augment) && spatialTarget(learns, learns.teacher) === undefined;
}
