/** @file The runs of teachers, and the network that a student learns from: the teachers' own, one or an ensemble, or a placeholder for what they are queried about. */
import { findMethod, objective, type Objective } from "../distill/index.ts";
import { learner } from "../distill/learner.ts";
import { checkNotSpatial } from "../distill/spatial.ts";
import { LimbeckError } from "../errors.ts";
import type { ImageShape, Model } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import {
  ensembleTeacher,
  teacherPlaceholder,
  type DatasetTeacher,
  type NetworkInStep,
  type OtherClasses,
} from "../teachers/index.ts";
import type { Config, TrainingConfig } from "./config.ts";
import type { RunPlan } from "./plan.ts";
import { planPretrained } from "./starting.ts";
import type { TeacherWeightsFile } from "./teacher-classes.ts";
import { teacherRun, teacherTitle } from "./teacher-config.ts";
import { checkMemory, keptViews, type KeptViews } from "./teacher-views.ts";

/** A teacher of an experiment. */
export interface ExperimentTeacher extends DatasetTeacher {
  /** Its weights, where they are Limbeck's own: then its run tests the network in the engine and saves it, and it runs in each step. */
  readonly file?: TeacherWeightsFile;
}

/** The runs of the teachers, and what a student learns from. */
export interface Teaching {
  readonly plans: readonly RunPlan[];
  readonly teacher: Model;
  /** What the engine has to hold for it before a student learns. */
  readonly values: NetworkInStep["values"];
  /** Why its logits are none of the data set's classes, if they are not. */
  readonly other: OtherClasses | undefined;
  /** The teacher, where it is queried, or was tested by queries. */
  readonly externalTeacher: DatasetTeacher | undefined;
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
}

/**
 * The teachers that can be measured, each a run, and of several all together; the network that the student learns from. That is the teachers' own, or the
 * ensemble of theirs, where their weights are Limbeck's, or where images are augmented and it can run in each step; else a placeholder for outputs
 * that are queried beforehand, and those for each image as it is are the targets of augmented ones.
 *
 * Throws ARGUMENT for teachers that do not fit each other, for a method that makes a network with parts of an external teacher, which no file could describe,
 * or that compares maps of a fixed teacher.
 */
export function planTeachers(
  config: Pick<TrainingConfig, "augment" | "teacherViews" | "teacherMemory" | "seed"> &
    Pick<Partial<Config<"distill">>, "teacherWeight">,
  { classes, shape, images, isUnlabelled = false }: TaughtData,
  teachers: readonly ExperimentTeacher[],
  { student, methods }: TaughtStudent,
): Teaching {
  const { augment, teacherWeight, teacherMemory, seed } = config;
  const { length } = teachers;
  const isExternal = isUnlabelled || !teachers.every(({ file }) => file);
  const isAugmented = Object.keys(augment).length > 0;
  const other = teachers.find(({ otherClasses }) => otherClasses)?.otherClasses;
  if (isExternal && other && length > 1) {
    throw new LimbeckError("ARGUMENT", `${other.finding}, so it cannot teach together with others; give it alone`);
  }
  const together = ensembleTeacher(teachers, teacherWeight);
  const network = isExternal && !isAugmented ? undefined : together.inStep?.();
  const alone = objective(findMethod("ce"));
  const planOf = (each: ExperimentTeacher, name: string, title: string): RunPlan => {
    const { file } = each;
    if (!isExternal && file) return planPretrained({ name, title, model: file.model, objective: alone, seed }, file);
    const run = { name, title, pretrained: true, random: torchRandom(seed) };
    return network && !isExternal
      ? { ...run, learner: learner(network.model, alone), values: network.values }
      : {
          ...run,
          learner: learner(teacherPlaceholder(each, { inputShape: shape, classes }), alone),
          values: new Map(),
          externalTeacher: each,
        };
  };
  const isMeasured = !isExternal || (!other && !isUnlabelled && together.knows.has("test"));
  const plans = isMeasured
    ? teachers.map((each, i) => planOf(each, teacherRun(i, length), teacherTitle(i, length)))
    : [];
  if (isMeasured && length > 1) plans.push(planOf(together, "teacher", "Teachers together"));
  const method = methods.find((each) => each.student);
  if (isExternal && method) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method.name} makes a network that contains parts of its teacher. A file can only describe that for Limbeck's own networks, not for ${together.name}; choose another method`,
    );
  }
  const notes =
    other || isMeasured || isUnlabelled
      ? []
      : [`${together.name} is not tested: its answers for the test images are not known`];
  const common = { plans, externalTeacher: isExternal ? together : undefined, other };
  if (network) return { ...common, teacher: network.model, values: network.values, notes };
  const teacher = teacherPlaceholder(together, student);
  const learners = methods.map((each) => learner(student, each, teacher, { images }));
  const { views } = viewsFor(together, config);
  checkMemory(learners, teacher, images, teacherMemory, views);
  for (const each of isAugmented ? learners : []) {
    checkNotSpatial(
      each,
      teacher,
      "that is queried about each image before it is augmented",
      "leave augment out (--augment none), choose a method that compares logits or embeddings, or, where the teacher can be imported, images of the size that it takes (--size)",
    );
  }
  if (isAugmented && views === "image") notes.push(fixedNote(together.name));
  return { ...common, teacher, values: new Map(), notes };
}

/** How the outputs of a teacher that cannot run in a step are kept. Throws ARGUMENT where it cannot be queried by mirrored images. */
export function viewsFor(
  { name, isQueriedMirrored }: Pick<DatasetTeacher, "name" | "isQueriedMirrored">,
  config: Pick<TrainingConfig, "augment" | "teacherViews">,
): KeptViews {
  const isAugmented = Object.keys(config.augment).length > 0;
  const kept = (config.teacherViews !== "view" && keptViews(config)) || {
    views: "image" as const,
    isFixed: isAugmented,
  };
  if (kept.views === "image" || isQueriedMirrored) return kept;
  throw new LimbeckError(
    "ARGUMENT",
    `the logits of ${name} were computed outside Limbeck, for the original images; leave out teacherViews (--teacher-views), or give a teacher that Limbeck can run on mirrored images`,
  );
}

function fixedNote(name: string): string {
  return (
    `images are augmented, and ${name} answers for the originals: a fixed teacher. Students learned less from one than from a teacher that sees ` +
    "their views (Beyer et al. 2022)"
  );
}
