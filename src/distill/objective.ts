/** @file What a network is trained on: a method with its options settled. */
import { parseWith } from "../parse-with.ts";
import { bounded } from "./bounded.ts";
import type {
  Batch,
  ExtraModule,
  Losses,
  MadeStudent,
  Method,
  Needs,
  Setting,
  Targets,
  TeachingStage,
  Weight,
} from "./method.ts";
import type { Observed, TeacherWeights } from "./observed.ts";

/** A method whose options are bound, so that a training loop need not know them. The members are those of `Method`. */
export interface Objective {
  readonly name: string;
  readonly title: string;
  readonly needsTeacher: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  /** By the name of the loss. */
  readonly weights: Readonly<Record<string, Weight>>;
  readonly needs: Needs;
  readonly stages: readonly TeachingStage[];
  targets(teacher: Observed, weights: TeacherWeights, student: Observed): Targets;
  extras(setting: Setting): Readonly<Record<string, ExtraModule>>;
  losses(batch: Batch): Losses;
  /** Where another network than the student as it stands is trained. */
  readonly student?: (setting: Setting) => MadeStudent;
}

/** The method with these options, defaults for the rest. Throws ARGUMENT listing every option that is unknown or out of range. */
export function objective<Options>(method: Method<Options>, options: Partial<NoInfer<Options>> = {}): Objective {
  const settled = parseWith(method.options, options, "ARGUMENT", `options of method ${method.name}`);
  return {
    name: method.name,
    title: method.title,
    needsTeacher: method.needsTeacher,
    options: bounded(method.name, settled) as Readonly<Record<string, unknown>>,
    weights: method.weights(settled),
    needs: method.needs?.(settled) ?? {},
    stages: method.stages?.(settled) ?? [],
    targets: (teacher, weights, student) => method.targets(teacher, settled, weights, student),
    extras: (setting) => method.extras?.(setting, settled) ?? {},
    losses: (batch) => method.losses(batch, settled),
    ...(method.student && { student: (setting: Setting) => method.student!(setting, settled) }),
  };
}
