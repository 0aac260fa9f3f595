/** @file The runs of teachers, and the network that a student learns from: those of weights files, one or an ensemble, or a placeholder for what outputs are known of. */
import { findMethod, objective, type Objective } from "../distill/index.ts";
import { learner } from "../distill/learner.ts";
import { checkNotSpatial } from "../distill/spatial.ts";
import { LimbeckError } from "../errors.ts";
import { checkImages, checkNamed, type ModelFile, type Own } from "../model-file/index.ts";
import { ensemble, type ImageShape, type Model, type ModelOptions } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import { ensembleTeacher, teacherPlaceholder, type DatasetTeacher, type OtherClasses } from "../teachers/index.ts";
import { fallback, partName, type Config, type TrainingConfig } from "./config.ts";
import type { RunPlan } from "./plan.ts";
import { planPretrained } from "./starting.ts";
import { teacherRun, teacherTitle } from "./teacher-config.ts";
import { checkMemory, keptViews, type KeptViews } from "./teacher-views.ts";

/** A teacher's weights file, and the network that it describes, if it does. */
export interface TeacherFile extends ModelFile {
  readonly model?: Model | undefined;
  /** Why its logits are none of the data set's classes, if they are not: then it may teach by its features. */
  readonly otherClasses?: OtherClasses | undefined;
}

/** Who teaches: networks of weights files, which run in the step, or teachers that are known by their outputs. */
export type TeacherSource =
  | { readonly files: readonly TeacherFile[] }
  | { readonly given: readonly [DatasetTeacher, ...DatasetTeacher[]] };

/** The runs of the teachers, and what a student learns from. */
export interface Teaching {
  readonly plans: readonly RunPlan[];
  readonly teacher: Model;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly other: OtherClasses | undefined;
  /** The teacher, where it is known by its outputs. */
  readonly given?: DatasetTeacher;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** What has to be known of the data. */
export interface TaughtData {
  readonly classes: number;
  readonly shape: ImageShape;
  readonly images: number;
  readonly isUnlabelled?: boolean;
}

/** What teachers are planned for. */
export interface TaughtStudent {
  /** The first network that learns from them. */
  readonly student: Model;
  /** Of each student that learns from them. */
  readonly methods: readonly Objective[];
  /** A network by its name, for weights that do not say what they are of. */
  readonly create: (name: string, options?: ModelOptions["options"]) => Model;
  readonly own: Own;
}

/**
 * The teachers that can be measured, each a run, and of several all together; the network that the student learns from. Throws SHAPE for weights of other
 * images, ARGUMENT, WEIGHTS for those that are not of the network that was named, and as `planExternal`.
 */
export async function planTeachers(
  config: Config<"distill">,
  data: TaughtData,
  source: TeacherSource,
  student: TaughtStudent,
): Promise<Teaching> {
  return "given" in source
    ? planExternal(config, data, source.given, student)
    : planNetworks(config, data, source.files, student);
}

type RunName = Pick<RunPlan, "name" | "title">;

/** A run for each teacher, and of several one for all together. */
function runsOf<Teacher>(
  teachers: readonly Teacher[],
  planOf: (teacher: Teacher, run: RunName, i: number) => RunPlan,
  planTogether: (run: RunName, plans: readonly RunPlan[]) => RunPlan,
): RunPlan[] {
  const { length } = teachers;
  const plans = teachers.map((teacher, i) =>
    planOf(teacher, { name: teacherRun(i, length), title: teacherTitle(i, length) }, i),
  );
  return length === 1 ? plans : [...plans, planTogether({ name: "teacher", title: "Teachers together" }, plans)];
}

function planNetworks(
  { seed, teacherModel, teacherModelOptions, teacherWeight }: Config<"distill">,
  { shape }: TaughtData,
  files: readonly TeacherFile[],
  { create, own }: TaughtStudent,
): Teaching {
  const alone = objective(findMethod("ce"));
  for (const file of files) checkImages(file, shape);
  const plans = runsOf(
    files,
    (file, run, i) => {
      const named = teacherModel?.[i] ?? teacherModel?.[0];
      checkNamed(file, partName(own.models, named), teacherModelOptions);
      const model = file.model ?? create(named ?? fallback.teacherModel, teacherModelOptions);
      return planPretrained({ ...run, model, objective: alone, seed }, file);
    },
    (run, each) => {
      const models = each.map(({ learner: { model } }) => model);
      const values = new Map(each.flatMap((plan) => [...plan.values]));
      const both = learner(ensemble(models, teacherWeight), alone);
      return { ...run, learner: both, values, pretrained: true, random: torchRandom(seed) };
    },
  );
  const other = files.find(({ otherClasses }) => otherClasses)?.otherClasses;
  return { plans, teacher: plans.at(-1)!.learner.model, other, notes: [] };
}

/**
 * The same of teachers that are known by their outputs. Where images are augmented, the student learns from the teacher's own network if that can run in each
 * step, and else from a fixed teacher: its outputs for each image as it is are the targets of augmented ones.
 *
 * Throws ARGUMENT for a method that makes a network with parts of its teacher, which no file could describe, or that compares maps of a fixed teacher.
 */
async function planExternal(
  { augment, teacherSees, teacherWeight, teacherMemory, seed }: Config<"distill">,
  { classes, shape, images, isUnlabelled = false }: TaughtData,
  teachers: readonly [DatasetTeacher, ...DatasetTeacher[]],
  { student, methods }: TaughtStudent,
): Promise<Teaching> {
  const other = teachers.find(({ otherClasses }) => otherClasses)?.otherClasses;
  if (other && teachers.length > 1) {
    throw new LimbeckError("ARGUMENT", `${other.finding}, so it cannot teach together with others; give it alone`);
  }
  const given = ensembleTeacher(teachers, teacherWeight);
  const planOf = (external: DatasetTeacher, run: RunName): RunPlan => ({
    ...run,
    learner: learner(teacherPlaceholder(external, { inputShape: shape, classes }), objective(findMethod("ce"))),
    values: new Map(),
    pretrained: true,
    given: external,
    random: torchRandom(seed),
  });
  const isMeasured = !other && !isUnlabelled && given.knows.has("test");
  const plans = isMeasured ? runsOf(teachers, planOf, (run) => planOf(given, run)) : [];
  const method = methods.find((each) => each.student);
  if (method) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method.name} makes a network that holds parts of its teacher, and a file can describe that of networks of the table alone, not of ${given.name}; choose another method`,
    );
  }
  const isAugmented = Object.keys(augment).length > 0;
  const notes =
    other || isMeasured || isUnlabelled
      ? []
      : [`${given.name} is not tested: it is not known what it says of the test images`];
  const common = { plans, given, other };
  if (isAugmented && given.inStep) return { ...common, teacher: await given.inStep(), notes };
  const teacher = teacherPlaceholder(given, student);
  const learners = methods.map((each) => learner(student, each, teacher, { images }));
  const { sees } = viewsFor(given, { augment, teacherSees });
  checkMemory(learners, teacher, images, teacherMemory, sees);
  if (!isAugmented) return { ...common, teacher, notes };
  for (const each of learners) {
    checkNotSpatial(
      each,
      teacher,
      "that is queried about each image before it is augmented",
      "leave augment out (--augment none), choose a method that compares logits or embeddings, or, where the teacher can be imported, images of the size that it takes (--size)",
    );
  }
  return { ...common, teacher, notes: sees === "image" ? [...notes, fixedNote(given.name)] : notes };
}

/** How the outputs of a teacher that cannot run in a step are kept. Throws ARGUMENT where it cannot be queried by mirrored images. */
export function viewsFor(
  { name, isQueriedMirrored }: Pick<DatasetTeacher, "name" | "isQueriedMirrored">,
  config: Pick<TrainingConfig, "augment" | "teacherSees">,
): KeptViews {
  const isAugmented = Object.keys(config.augment).length > 0;
  const views = (config.teacherSees !== "view" && keptViews(config)) || {
    sees: "image" as const,
    isFixed: isAugmented,
  };
  if (views.sees === "image" || isQueriedMirrored) return views;
  throw new LimbeckError(
    "ARGUMENT",
    `the logits of ${name} were computed elsewhere, of the images as they are; leave teacherSees out (--teacher-sees), or give a teacher that can be asked about mirrored ones`,
  );
}

function fixedNote(name: string): string {
  return (
    `images are varied, and ${name} is asked about each as it is: a fixed teacher, from which students were found to learn less than from one that ` +
    "sees what they see (Beyer et al. 2022)"
  );
}
