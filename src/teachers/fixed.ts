/** @file Whether what a teacher says of each image as it is may teach a student that sees it varied. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/model.ts";
import type { Learner } from "../distill/learner.ts";
import { outputsNeeded } from "./cache.ts";
import type { TeacherOutputs } from "./given.ts";

/** Throws ARGUMENT for a method that compares maps: their places are others in a varied image. Vectors, one an image, may stay. */
export function checkFixed(
  learner: Pick<Learner, "model" | "objective" | "pairings">,
  teacher: Model,
  outputs: TeacherOutputs,
): void {
  const isByPlace = (path: string): boolean => (outputs.shapes.get(path) ?? []).filter((size) => size > 1).length > 1;
  const map = outputsNeeded([learner], teacher, outputs).find(isByPlace);
  if (map === undefined) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${learner.objective.name} compares ${map} [${outputs.shapes.get(map)!.join(", ")}] of the teacher ${outputs.name} by place, but that is asked about ` +
      "each image as it is, before it is varied; leave augment out (--augment none), choose a method that compares logits or embeddings, or, " +
      "where the teacher can be imported, images of the size that it takes (--size)",
  );
}
