/** @file The runs of teachers that are known by their outputs, and the network that stands for them. */
import { findMethod, objective, type Objective } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { ImageShape, Model } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import { ensembleTeacher, teacherPlaceholder, type DatasetTeacher, type OtherClasses } from "../teachers/index.ts";
import { learner } from "../distill/learner.ts";
import { checkNotSpatial } from "../distill/spatial.ts";
import type { Config, TrainingConfig } from "./config.ts";
import type { RunPlan } from "./plan.ts";
import { checkMemory, keptViews, type KeptViews } from "./teacher-views.ts";
import { teacherRun, teacherTitle } from "./teacher-config.ts";

/** The runs of the teachers, and what a student learns from. */
export interface Teaching {
  readonly plans: readonly RunPlan[];
  readonly teacher: Model;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly other?: OtherClasses;
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

/**
 * The teachers that can be judged, each a run, and of several all together; the network that stands for them. Where images are varied, that is the teacher's own
 * if it can run in each step, and else it is fixed: it says of each image as it is what the student is to say of varied ones.
 *
 * Throws ARGUMENT for a method that makes a network with parts of its teacher, which no file could describe, or that compares maps of a fixed teacher.
 */
export async function datasetTeacherPlans(
  { augment, teacherSees, teacherWeight, teacherMemory, seed }: Config<"distill">,
  { classes, shape, images, isUnlabelled = false }: TaughtData,
  teachers: readonly [DatasetTeacher, ...DatasetTeacher[]],
  { student, method }: { readonly student: Model; readonly method: Objective },
): Promise<Teaching> {
  const other = teachers.find(({ otherClasses }) => otherClasses)?.otherClasses;
  if (other && teachers.length > 1) {
    throw new LimbeckError("ARGUMENT", `${other.finding}, so it cannot teach together with others; give it alone`);
  }
  const given = ensembleTeacher(teachers, teacherWeight);
  const planOf = (teacher: DatasetTeacher, place: Pick<RunPlan, "name" | "title">): RunPlan => ({
    ...place,
    learner: learner(teacherPlaceholder(teacher, { inputShape: shape, classes }), objective(findMethod("ce"))),
    values: new Map(),
    pretrained: true,
    given: teacher,
    random: torchRandom(seed),
  });
  const isJudged = !other && !isUnlabelled && given.knows.has("test");
  const plans = !isJudged
    ? []
    : [
        ...teachers.map((teacher, i) =>
          planOf(teacher, { name: teacherRun(i, teachers.length), title: teacherTitle(i, teachers.length) }),
        ),
        ...(teachers.length > 1 ? [planOf(given, { name: "teacher", title: "Teachers together" })] : []),
      ];
  if (method.student) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method.name} makes a network that holds parts of its teacher, and a file can describe that of networks of the table alone, not of ${given.name}; choose another method`,
    );
  }
  const isVaried = Object.keys(augment).length > 0;
  const notes =
    other || isJudged || isUnlabelled
      ? []
      : [`${given.name} is not tested: it is not known what it says of the test images`];
  const common = { plans, given, ...(other && { other }) };
  if (isVaried && given.inStep) return { ...common, teacher: await given.inStep(), notes };
  const teacher = teacherPlaceholder(given, student);
  const learns = learner(student, method, teacher, { images });
  const { sees } = viewsFor(given, { augment, teacherSees });
  checkMemory(learns, teacher, images, teacherMemory, sees);
  if (!isVaried) return { ...common, teacher, notes };
  checkNotSpatial(
    learns,
    teacher,
    "that is queried about each image before it is augmented",
    "leave augment out (--augment none), choose a method that compares logits or embeddings, or, where the teacher can be imported, images of the size that it takes (--size)",
  );
  return { ...common, teacher, notes: sees === "image" ? [...notes, fixedNote(given.name)] : notes };
}

/** How the outputs of a teacher that cannot run in a step are kept. Throws ARGUMENT where it cannot be asked about mirrored images. */
export function viewsFor(
  { name, isQueriedMirrored }: Pick<DatasetTeacher, "name" | "isQueriedMirrored">,
  config: Pick<TrainingConfig, "augment" | "teacherSees">,
): KeptViews {
  const isVaried = Object.keys(config.augment).length > 0;
  const sight = (config.teacherSees !== "view" && keptViews(config)) || { sees: "image" as const, isFixed: isVaried };
  if (sight.sees === "image" || isQueriedMirrored) return sight;
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
