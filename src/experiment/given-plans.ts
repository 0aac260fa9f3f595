/** @file The runs of teachers that are known by their outputs, and the network that stands for them. */
import { findMethod, objective, type Objective } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { ImageShape, Model } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import { checkFixed, standIn } from "../teachers/index.ts";
import { learner, type Learner } from "../train/learner.ts";
import { teacherCacheBytes } from "../train/teacher-cache.ts";
import type { Config } from "./config.ts";
import { givenTogether, type GivenTeacher } from "./given-teacher.ts";
import type { RunPlan } from "./plan.ts";
import type { OtherClasses } from "./teacher-classes.ts";
import { teacherRun, teacherTitle } from "./teacher-run.ts";

/** The runs of the teachers, and what a student learns from. */
export interface Teaching {
  readonly plans: readonly RunPlan[];
  readonly teacher: Model;
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly other?: OtherClasses;
  /** The teacher, where it is known by its outputs. */
  readonly given?: GivenTeacher;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** What has to be known of the data. */
export interface GivenData {
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
export async function givenPlans(
  { augment, teacherWeight, teacherMemory, seed }: Config<"distill">,
  { classes, shape, images, isUnlabelled = false }: GivenData,
  teachers: readonly [GivenTeacher, ...GivenTeacher[]],
  { student, method }: { readonly student: Model; readonly method: Objective },
): Promise<Teaching> {
  const other = teachers.find(({ otherClasses }) => otherClasses)?.otherClasses;
  if (other && teachers.length > 1) {
    throw new LimbeckError("ARGUMENT", `${other.finding}, so it cannot teach together with others; give it alone`);
  }
  const given = givenTogether(teachers, teacherWeight);
  const planOf = (teacher: GivenTeacher, place: Pick<RunPlan, "name" | "title">): RunPlan => ({
    ...place,
    learner: learner(standIn(teacher.outputs, { inputShape: shape, classes }), objective(findMethod("ce"))),
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
  const teacher = standIn(given.outputs, student);
  const learns = learner(student, method, teacher, { images });
  checkMemory(learns, teacher, images, teacherMemory);
  if (!isVaried) return { ...common, teacher, notes };
  checkFixed(learns, teacher, given.outputs);
  return { ...common, teacher, notes: [...notes, fixedNote(given.name)] };
}

const MEBIBYTE = 2 ** 20;

/** Throws ARGUMENT where what is compared takes more memory than it may. */
function checkMemory(learns: Learner, teacher: Model, images: number, most: number): void {
  const bytes = teacherCacheBytes(teacher, [learns], images);
  if (bytes <= most * MEBIBYTE) return;
  throw new LimbeckError(
    "ARGUMENT",
    `what ${learns.objective.name} compares of ${teacher.name} takes ${Math.ceil(bytes / MEBIBYTE)} MiB for ${images} images, and may take ${most}; ` +
      "allow more with teacherMemory (--teacher-memory), or choose a method that compares less",
  );
}

function fixedNote(name: string): string {
  return (
    `images are varied, and ${name} is asked about each as it is: a fixed teacher, from which students were found to learn less than from one that ` +
    "sees what they see (Beyer et al. 2022)"
  );
}
