/** @file A student to propose for a network that was trained: smaller than it, where the table has one. */
import type { Dataset, Split } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import { isAtChance } from "../experiment/chance.ts";
import { isGuessing } from "../experiment/check-teacher.ts";
import type { ConfigInput } from "../experiment/config.ts";
import type { RunRecord } from "../experiment/record.ts";
import { createModel, type Model, type ModelName, type ModelOptions } from "../models/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";

/** A student's network, as a configuration names it. */
export type ProposedStudent = Pick<ConfigInput<"distill">, "student" | "studentOptions">;

/** From the largest down. */
const students: readonly { readonly name: ModelName; readonly options?: ModelOptions["options"] }[] = [
  { name: "LightNN" },
  { name: "resnet8" },
  { name: "resnet8", options: { widths: [8, 8, 16, 32] } },
];

/**
 * The first of some networks that has fewer parameters and needs fewer multiply-adds than the one that was trained; `undefined` where
 * there is none, or where that one has nothing to teach: it does little better than guessing.
 */
export function proposedStudent(
  { parameters, multiplyAdds = Infinity, test }: Pick<RunRecord, "parameters" | "multiplyAdds" | "test">,
  { classes, shape, test: { labels } }: Pick<Dataset, "classes" | "shape"> & { readonly test: Pick<Split, "labels"> },
): ProposedStudent | undefined {
  if (isGuessing(test) || isAtChance(test.predictions, labels)) return undefined;
  const smaller = students.find(({ name, options }) => {
    const model = createdFor(name, { classes: classes.length, inputShape: shape, ...(options && { options }) });
    return (
      model &&
      countParameters(model.module) < parameters &&
      countMultiplyAdds(model.module, model.inputShape) < multiplyAdds
    );
  });
  return smaller && { student: smaller.name, ...(smaller.options && { studentOptions: smaller.options }) };
}

/** `undefined` for a network that takes no images of this size. */
function createdFor(name: ModelName, options: ModelOptions): Model | undefined {
  try {
    return createModel(name, options);
  } catch (error) {
    if (error instanceof LimbeckError) return undefined;
    throw error;
  }
}
