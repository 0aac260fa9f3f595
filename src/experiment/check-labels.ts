/** @file Methods for pictures without labels. */
import { methods, objective, withoutLabels, type AnyMethod, type Objective } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { usesLabels } from "../train/depends.ts";
import { learner } from "../distill/learner.ts";
import type { Networks } from "./teacher-classes.ts";

/** Throws ARGUMENT, with the methods that do without, for an objective that has losses of labels besides their own, or no others. */
export function checkNeedsNoLabels(method: Objective, networks: Networks): void {
  if (!needsLabels(method, networks)) return;
  const others = Object.values<AnyMethod>(methods).filter((each) => learnsWithout(each, networks));
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method.name} needs the labels of its images, and nobody knows those of these; choose another method ` +
      `(${others.map(({ name }) => name).join(", ")}), or put the pictures into a folder for each class`,
  );
}

function needsLabels(method: Objective, { student, teacher, images }: Networks): boolean {
  if (Object.keys(method.weights).length === 0) return true;
  return usesLabels(learner(student, method, teacher, { images }));
}

function learnsWithout(method: AnyMethod, networks: Networks): boolean {
  if (!method.needsTeacher || method.student) return false;
  try {
    return !needsLabels(withoutLabels(objective(method)), networks);
  } catch (error) {
    if (error instanceof LimbeckError) return false; // What it compares does not fit.
    throw error;
  }
}
