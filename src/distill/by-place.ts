/** @file Whether what a method compares of a teacher is the same for an image wherever it is shifted, or goes by places in it. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/model.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Learner } from "./learner.ts";
import { observe, probe, weightsOf } from "./observe.ts";

/** A student, and what it is trained on. */
export type Student = Pick<Learner, "model" | "objective" | "pairings">;

/**
 * Throws ARGUMENT, saying `why` it matters, for targets other than vectors that the teacher gives of an image: its logits, its embedding. Maps,
 * and what methods compute of them, go by places, which are others once the image is shifted or mirrored.
 */
export function checkNotByPlace(student: Student, teacher: Model, why: string): void {
  const found = targetByPlace(student, teacher);
  if (found === undefined) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${student.objective.name} compares ${found} of the teacher ${teacher.name} by place, but ${why}; let it see the student's views ` +
      "(teacherSees: view; --teacher-sees view), or choose a method that compares logits or embeddings",
  );
}

/** The name of the first target that goes by places, if there is one. */
export function targetByPlace({ model, objective, pairings }: Student, teacher: Model): string | undefined {
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
