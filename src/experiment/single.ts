/** @file Experiments of a single network: trained on the labels, or taught by a given teacher. */
import { findMethod, objective } from "../distill/index.ts";
import { createModel } from "../models/index.ts";
import type { Config } from "./config.ts";
import { planGiven, planTraining } from "./plan.ts";
import type { RunPlan } from "./run.ts";

/** One run, `model`: a network trained on the labels. Throws UNKNOWN_NAME. */
export function trainPlans(config: Config<"train">, classes: number): RunPlan[] {
  const model = createModel(config.model, { classes, dropout: config.dropout });
  const title = `${model.name} alone`;
  return [planTraining({ name: "model", title, model, objective: objective(findMethod("ce")), seed: config.seed })];
}

/** Two runs: `teacher`, evaluated, and `student`, taught by it. Throws UNKNOWN_NAME, ARGUMENT for options the method has not, WEIGHTS, SHAPE. */
export function distillPlans(
  config: Config<"distill">,
  { classes, images }: { readonly classes: number; readonly images: number },
  teacherFile: { readonly bytes: Uint8Array; readonly source: string },
): RunPlan[] {
  const { seed, dropout } = config;
  const teacher = createModel(config.teacherModel, { classes, dropout });
  const model = createModel(config.model, { classes, dropout });
  const method = objective(findMethod(config.method), config.options);
  const alone = objective(findMethod("ce"));
  return [
    planGiven({ name: "teacher", title: "Teacher", model: teacher, objective: alone, seed }, teacherFile),
    planTraining({
      name: "student",
      title: `Student, ${method.title.toLowerCase()}`,
      model,
      objective: method,
      seed,
      teacher,
      images,
    }),
  ];
}
