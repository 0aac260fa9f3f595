/** @file Pictures without labels: their classes are those of a teacher, and its predictions for held-out ones are what a student is measured by. */
import { classSizes, countByClass } from "../data/class-sizes.ts";
import { classLabels, type Dataset, type Split } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import { evaluatingOutputs, LOGITS, type DatasetTeacher } from "../teachers/index.ts";
import type { Progress } from "../train/index.ts";
import * as z from "zod/mini";
import { parseWith } from "../parse-with.ts";
import { readJson, type ExperimentFolder } from "./folder.ts";
import type { MostCommonAnswer } from "./record.ts";

/** A teacher's predictions for held-out images: the number of a class for each. */
export interface Answers {
  readonly classes: readonly string[];
  readonly validation?: readonly number[] | undefined;
  readonly test: readonly number[];
}

/** In an experiment's folder, so that its student can be tested again without the teacher. */
export const ANSWERS = "answers.json";

const numbers = z.array(z.int().check(z.nonnegative()));
const answers = z.strictObject({
  classes: z.array(z.string()).check(z.minLength(2)),
  validation: z.exactOptional(numbers),
  test: numbers,
});

/** Those of an experiment that was begun; `undefined` if there are none. Throws OUTPUT. */
export async function readAnswers(folder: ExperimentFolder): Promise<Answers | undefined> {
  const value = await readJson(folder, ANSWERS);
  return value === undefined ? undefined : checkedAnswers(value, ANSWERS);
}

/** Throws OUTPUT for what is no such file's content. */
export function checkedAnswers(value: unknown, source: string): Answers {
  return parseWith(answers, value, "OUTPUT", source);
}

/**
 * Queries the teacher by all held-out images. Throws ARGUMENT for one whose predictions of test images are not known; NOT_FINITE as `evaluatingOutputs`;
 * WEIGHTS for one that predicts the same class for all of them, unless `force`.
 */
export async function* queryAnswers(
  teacher: DatasetTeacher,
  { name, classes, validation }: Pick<Dataset, "name" | "classes" | "validation">,
  { force, signal }: { readonly force: boolean; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Progress, Answers> {
  if (!teacher.knows.has("test") || (validation && !teacher.knows.has("validation"))) {
    throw new LimbeckError(
      "ARGUMENT",
      `the pictures of ${name} have no labels, so a student is tested by how often it agrees with its teacher, but ${teacher.name}'s answers are not known for ` +
        "held-out ones; give their logits too (test.logits, validation.logits)",
    );
  }
  const predicted = async function* (which: "validation" | "test"): AsyncGenerator<Progress, readonly number[]> {
    const outputs = yield* teacher.query(which, [LOGITS], { signal });
    // Without labels only the predictions mean something.
    return (yield* evaluatingOutputs({ outputs, labels: new Uint8Array(outputs.count), signal })).predictions;
  };
  const test = yield* predicted("test");
  const first = test[0] ?? 0;
  if (!force && test.every((each) => each === first)) {
    throw new LimbeckError(
      "WEIGHTS",
      `${teacher.name} says ${classes[first]} of all ${test.length} test pictures, so there is nothing to learn from it; check its preprocessing; to use it all the ` +
        "same, set force (--force)",
    );
  }
  return { classes, validation: validation && (yield* predicted("validation")), test };
}

/** The data set with these answers in the place of labels; those of training images mean nothing, and no loss may use them. Throws OUTPUT for answers of other images. */
export function answered(dataset: Dataset, { classes, validation, test }: Answers, teacher: string): Dataset {
  const { isLabelled: _, ...rest } = dataset;
  const split = (of: Split, labels: readonly number[]): Split => {
    if (labels.length === of.count && labels.every((label) => label < classes.length))
      return { ...of, labels: classLabels(labels, classes.length) };
    throw new LimbeckError(
      "OUTPUT",
      `${ANSWERS} should have an answer for each of ${of.count} held-out pictures of ${dataset.name}, got ${labels.length}; put the same pictures there, or start again in a new folder`,
    );
  };
  const { train } = dataset;
  return {
    ...rest,
    classes,
    train: { ...train, labels: classLabels(new Uint8Array(train.count), classes.length) },
    validation: dataset.validation && split(dataset.validation, validation ?? []),
    test: split(dataset.test, test),
    answeredBy: teacher,
  };
}

/** The answers that a data set has in the place of labels; `undefined` for one with labels. */
export function answersOf({ answeredBy, classes, validation, test }: Dataset): Answers | undefined {
  if (answeredBy === undefined) return undefined;
  return { classes, validation: validation && [...validation.labels], test: [...test.labels] };
}

/** What a person should know of a teacher's answers: what is counted, and what one gets without learning anything. */
export function answersNote(dataset: Dataset, teacher: string): string {
  const { name, test, classes } = dataset;
  const { labels, count } = test;
  const { name: commonest, percent } = mostCommonAnswer(dataset);
  return (
    `the pictures of ${name} have no labels: the student learns ${teacher}'s answers, and is tested by how often it agrees with them on ${count} held-out ones, of ` +
    `which ${teacher} says ${new Set(labels).size} of its ${classes.length} classes, most often ${commonest} (${percent.toFixed(1)}%)`
  );
}

/** That of the test images of a data set that its teacher's answers are the labels of. */
export function mostCommonAnswer({ classes, test: { labels } }: Pick<Dataset, "classes" | "test">): MostCommonAnswer {
  const { label, images, percent } = classSizes(countByClass(labels, classes.length)).largestClass;
  return { name: classes[label] ?? String(label), images, percent };
}
