/** @file Experiments that end in a single network: trained on the labels, or taught by given teachers, perhaps through assistants. */
import { findMethod, objective, objectiveNamed, type Objective } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { checkImages, checkNamed, type ModelFile } from "../model-file/index.ts";
import { createModel, ensemble, type ImageShape, type Model } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import { learner } from "../train/learner.ts";
import { unsaid, type Config } from "./config.ts";
import { planGiven, planTraining } from "./plan.ts";
import type { RunPlan } from "./run.ts";

/** What a training needs to know of its data. */
export interface DataSize {
  readonly classes: number;
  /** Of an image: what the networks are made for. */
  readonly shape: ImageShape;
  /** For training. */
  readonly images: number;
}

/** A teacher's weights file, and the network that it describes, if it does. */
export interface TeacherFile extends ModelFile {
  readonly model?: Model;
}

/** One run, `model`: a network trained without a teacher. Throws UNKNOWN_NAME, ARGUMENT for a method that needs one, or options that it has not. */
export function trainPlans(config: Config<"train">, { classes, shape, images }: DataSize): RunPlan[] {
  const model = createModel(config.model, { classes, inputShape: shape, dropout: config.dropout });
  const method = teacherless(config);
  const title = method.name === "ce" ? `${model.name} alone` : `${model.name}, ${method.title.toLowerCase()}`;
  return [planTraining({ name: "model", title, model, objective: method, seed: config.seed, images })];
}

/** The objective of a training without a teacher. Throws UNKNOWN_NAME, ARGUMENT. */
export function teacherless({
  method,
  options,
  preset,
}: Pick<Config<"train">, "method" | "options" | "preset">): Objective {
  const chosen = objectiveNamed(method, options, preset);
  if (!chosen.needsTeacher) return chosen;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} needs a teacher; use limbeck distill --method ${method} --teacher FILE`,
  );
}

/**
 * The teacher, evaluated, or `teacher-1`, `teacher-2`, … and `teacher`, all of them together; then a chain in which each
 * network is taught by the one before: `assistant-1`, … and `student`.
 *
 * Assistants are drawn with the seeds after the student's own, so that one of the student's architecture is another
 * network: a generation of born-again networks. Throws UNKNOWN_NAME, ARGUMENT for options the method has not or a teacher's
 * file that holds another model than was named, WEIGHTS, SHAPE for a teacher of other images.
 */
export function distillPlans(config: Config<"distill">, data: DataSize, files: readonly TeacherFile[]): RunPlan[] {
  const { classes, shape, images } = data;
  const { seed, dropout, through } = config;
  const create = (name: string): Model => createModel(name, { classes, inputShape: shape, dropout });
  const method = objectiveNamed(config.method, config.options, config.preset);
  for (const file of files) checkImages(file, shape);
  const given = teacherPlans(config, files, create);
  const plans = [...given];
  for (const [i, name] of [...through, config.model].entries()) {
    const isStudent = i === through.length;
    const model = create(name);
    plans.push(
      planTraining({
        name: isStudent ? "student" : `assistant-${i + 1}`,
        title: `${isStudent ? "Student" : `Assistant ${i + 1}, ${model.name}`}, ${method.title.toLowerCase()}`,
        model,
        objective: method,
        seed: isStudent ? seed : seed + i + 1,
        teacher: plans.at(-1)!.learner.model,
        images,
      }),
    );
  }
  return plans;
}

/** The name of the run of one of so many teachers, from 0. */
export function teacherRun(i: number, teachers: number): string {
  return teachers === 1 ? "teacher" : `teacher-${i + 1}`;
}

function teacherPlans(
  { seed, teacherModel, teacherWeight }: Config<"distill">,
  files: readonly TeacherFile[],
  create: (name: string) => Model,
): readonly [...RunPlan[], RunPlan] {
  const alone = objective(findMethod("ce"));
  const [only, ...others] = files.map((file, i) => {
    const place = { name: teacherRun(i, files.length), title: files.length === 1 ? "Teacher" : `Teacher ${i + 1}` };
    const named = teacherModel?.[i] ?? teacherModel?.[0];
    checkNamed(file, named);
    const model = file.model ?? create(named ?? unsaid.teacherModel);
    return planGiven({ ...place, model, objective: alone, seed }, file);
  });
  if (others.length === 0) return [only!];
  const members = [only!, ...others];
  const model = ensemble(
    members.map((member) => member.learner.model),
    teacherWeight,
  );
  const values = new Map(members.flatMap((member) => [...member.values]));
  const together = { name: "teacher", title: "Teachers together", learner: learner(model, alone), values, given: true };
  return [...members, { ...together, random: torchRandom(seed) }];
}
