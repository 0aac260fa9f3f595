/** @file Whether what a method compares of a teacher is spatial: maps, whose places are others once an image is shifted or mirrored. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Learner } from "./learner.ts";
import { observe, probe, weightsOf } from "./observe.ts";

/** A student, and what it is trained on. */
export type Student = Pick<Learner, "model" | "objective" | "pairings">;

/**
 * Throws ARGUMENT, saying `why` it matters and what to do, for targets other than vectors that the teacher gives of an image: its logits, its
 * embedding. Maps, and what methods compute of them, are spatial.
 */
export function checkNotSpatial(
  student: Student,
  teacher: Model,
  why: string,
  fix = "let it see the student's views (teacherViews: view; --teacher-views view), or choose a method that compares logits or embeddings",
): void {
  const found = spatialTarget(student, teacher);
  if (found === undefined) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${student.objective.name} compares ${found} of the teacher ${teacher.name} by place, but ${why}; ${fix}`,
  );
}

/** The name of the first target that is spatial, if there is one. */
export function spatialTarget({ model, objective, pairings }: Student, teacher: Model): string | undefined {
  const seen = observe(teacher, probe(teacher), false);
  const student = observe(model, probe(model), false);
  const vectors = new Set([...seen.pass.outputs.values(), seen.logits].map(unshaped).filter(isVector));
  const targets = objective.targets(seen, weightsOf(teacher, objective.name), student, pairings);
  return Object.entries(targets).find(([, target]) => !vectors.has(unshaped(target)))?.[0];
}

/** What was given another shape. */
function unshaped(tensor: Tensor): Tensor {
  const [inner] = tensor.inputs as readonly Tensor[];
  return tensor.op.name === "reshape" && inner ? unshaped(inner) : tensor;
}

function isVector({ shape }: Tensor): boolean {
  return shape.slice(1).filter((size) => size > 1).length <= 1;
}
