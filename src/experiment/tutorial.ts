/** @file The tutorial: a teacher, a student alone, and the same student taught in three ways. */
import { findMethod, objective, type MethodName } from "../distill/index.ts";
import { checkImages, type ModelFile } from "../model-file/index.ts";
import { createModel, type Model } from "../models/index.ts";
import type { Config } from "./config.ts";
import { planGiven, planTraining } from "./plan.ts";
import type { RunPlan } from "./run.ts";
import type { DataSize } from "./single.ts";

/**
 * The five runs, in the tutorial's order, each drawing random numbers where PyTorch would: the stream is seeded before each
 * network is built and then flows through its training and its evaluation. Both plain students are built before either is
 * trained, so the second, taught by soft targets, goes on with the stream as the first leaves it.
 *
 * `teacherFile` takes the place of training the teacher. Throws ARGUMENT, SHAPE, WEIGHTS if it does not fit.
 */
export function tutorialPlans(
  { seed, dropout }: Pick<Config<"tutorial">, "seed" | "dropout">,
  { classes, shape }: Pick<DataSize, "classes" | "shape">,
  teacherFile?: ModelFile,
): RunPlan[] {
  if (teacherFile) checkImages(teacherFile, shape);
  const options = { classes, inputShape: shape, dropout };
  const teacher = createModel("DeepNN", options);
  const student = (): Model => createModel("LightNN", options);
  const by = (method: MethodName) => objective(findMethod(method));
  const teaching = { name: "teacher", title: "Teacher", model: teacher, objective: by("ce"), seed };
  const alone = planTraining({
    name: "student-ce",
    title: "Student alone",
    model: student(),
    objective: by("ce"),
    seed,
  });
  const taught = (method: MethodName, title: string) => ({
    name: `student-${method}`,
    title,
    model: student(),
    objective: by(method),
    seed,
    teacher,
  });
  return [
    teacherFile ? planGiven(teaching, teacherFile) : planTraining(teaching),
    alone,
    planTraining({ ...taught("kd", "Student, soft targets"), random: alone.random }),
    planTraining(taught("cosine", "Student, cosine loss")),
    planTraining(taught("regressor", "Student, regressor")),
  ];
}
