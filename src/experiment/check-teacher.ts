/** @file Whether a teacher fits its task: trained for these classes and images, and better than guessing. */
import type { Dataset } from "../data/dataset.ts";
import { LimbeckError } from "../errors.ts";
import type { ModelDescription, ModelFile } from "../model-file/index.ts";
import { classDifference } from "./class-difference.ts";
import type { Evaluation } from "./record.ts";

/** What a file says of its network, and its name for messages. */
type Described = Pick<ModelFile, "source" | "description">;

/** The same of its classes alone. */
interface DescribedClasses {
  readonly source: string;
  readonly description?: Pick<ModelDescription, "classNames" | "dataset"> | undefined;
}

/** What a file can be checked against. */
type DataDescription = Pick<Dataset, "name" | "classes" | "mean" | "std">;

/** With fewer test images per class, guessing may reach the bound. */
const IMAGES_PER_CLASS = 5;

/** Names that a message lists. */
const LISTED = 3;

/**
 * Whether a network's odds of being right are less than twice those of guessing: of K classes, less than 2 / (K + 1). Each
 * class counts the same, so that always predicting the commonest is guessing. `false` where there are too few test images to tell.
 */
export function isGuessing({ count, confusion }: Pick<Evaluation, "count" | "confusion">): boolean {
  const recalls = recallsOf(confusion);
  const classes = recalls.length;
  if (classes < 2 || count < IMAGES_PER_CLASS * classes) return false;
  return recalls.reduce((sum, recall) => sum + recall, 0) / classes < 2 / (classes + 1);
}

/** The teacher that was measured, and on which images. */
export interface MeasuredTeacher {
  readonly title: string;
  /** Of its network. */
  readonly name: string;
  /** By default `test`. */
  readonly images?: "validation" | "test" | undefined;
  readonly diagnosis?: Diagnosis | undefined;
}

/** What is wrong with a teacher, for people. */
export interface Diagnosis {
  readonly text: string;
  /** Whether it explains the errors; else it lists what was tried. */
  readonly isFound: boolean;
}

/** A warning about a teacher that does no better than guessing. Throws WEIGHTS instead, unless `force`. */
export function checkAccuracy(
  { title, name, images = "test", diagnosis }: MeasuredTeacher,
  test: Evaluation,
  force: boolean,
): string | undefined {
  if (!isGuessing(test)) return undefined;
  const chance = 100 / recallsOf(test.confusion).length;
  const finding =
    `${title} (${name}) classifies ${test.accuracy.toFixed(1)} % of ${test.count} ${images} images correctly, and ` +
    `guessing gives ${chance.toFixed(1)} %`;
  const why = diagnosis ? `; ${diagnosis.text}` : "";
  if (force) return `${finding}: a student learns little from it${why}`;
  const check = "; check that it was trained on this data set, with its classes in this order, and for long enough";
  throw new LimbeckError(
    "WEIGHTS",
    `${finding}, so there is nothing to learn from it${why}${diagnosis?.isFound ? "" : check}; to use it all the same, set force (--force)`,
  );
}

/**
 * A warning about a teacher whose file says that it was trained for other classes, or on images normalised otherwise: its
 * student would learn wrong outputs. Throws ARGUMENT instead, unless `force`. Files that say nothing of either pass.
 */
export function checkTrainingData(file: Described, dataset: DataDescription, force: boolean): string | undefined {
  return warned(otherClasses(file, dataset) ?? otherNormalisation(file, dataset), file, dataset, force);
}

/** The same of the normalisation alone. */
export function checkNormalisation(file: Described, dataset: DataDescription, force: boolean): string | undefined {
  return warned(otherNormalisation(file, dataset), file, dataset, force);
}

function warned(
  finding: string | undefined,
  file: Described,
  dataset: Pick<DataDescription, "name">,
  force: boolean,
): string | undefined {
  if (finding === undefined) return undefined;
  if (force) return mayBeWrong(finding);
  throw new LimbeckError(
    "ARGUMENT",
    `${finding}; ${itsDataset(file, dataset)}give a teacher that was trained on ${dataset.name} as it is here, or, to use this one all the same, set force (--force)`,
  );
}

/** A warning about weights to start from that were trained on images normalised otherwise; other classes only change the head. */
export function checkStart(file: Described, dataset: DataDescription): string | undefined {
  const finding = otherNormalisation(file, dataset);
  return finding === undefined ? undefined : `${finding}: the training has to make up for the difference`;
}

/** A warning about a teacher that is used all the same. */
export function mayBeWrong(finding: string): string {
  return `${finding}: its outputs may be wrong here`;
}

/** `choose its data set, zoo, or `, where a file names another one. */
export function itsDataset(
  { description }: Pick<DescribedClasses, "description">,
  { name }: Pick<DataDescription, "name">,
): string {
  const of = description?.dataset;
  return of !== undefined && of !== name ? `choose its data set, ${of}, or ` : "";
}

/** Throws ARGUMENT for a file that names other classes than the data set has: its accuracy there would mean nothing. */
export function checkClasses(file: Described, dataset: DataDescription): void {
  const finding = otherClasses(file, dataset);
  if (finding === undefined) return;
  const of = file.description?.dataset;
  const fix =
    of === undefined || of === dataset.name ? "choose the data set it was trained on" : `choose ${of} as the data set`;
  throw new LimbeckError("ARGUMENT", `${finding}; ${fix}, or give other weights`);
}

/** What is wrong with a file that names other classes. */
export function otherClasses(
  { description, source }: DescribedClasses,
  { name, classes }: Pick<DataDescription, "name" | "classes">,
): string | undefined {
  const { classNames, dataset = "another data set" } = description ?? {};
  if (!classNames || (classNames.length === classes.length && classNames.every((each, i) => each === classes[i])))
    return undefined;
  return `${source} should hold a network for the classes of ${name}, ${listed(classes)}, but its classes are those of ${dataset}, ${listed(classNames)}: ${classDifference(classes, classNames)}`;
}

function otherNormalisation({ description, source }: Described, dataset: DataDescription): string | undefined {
  const { normalisation } = description ?? {};
  if (!normalisation) return undefined;
  const shown = ({ mean, std }: Pick<Dataset, "mean" | "std">): string =>
    `mean ${mean.join(", ")} and deviation ${std.join(", ")}`;
  const [expected, got] = [shown(dataset), shown(normalisation)];
  if (expected === got) return undefined;
  return `${source} should hold a network for images normalised as those of ${dataset.name}, with ${expected}, but it says that it takes ${got}`;
}

/** `cat, dog, bird, … (10)` */
function listed(classes: readonly string[]): string {
  const more = classes.length > LISTED ? `, … (${classes.length})` : "";
  return classes.slice(0, LISTED).join(", ") + more;
}

/** The share of each class that is classified rightly, of those that have images. */
function recallsOf(confusion: Evaluation["confusion"]): number[] {
  return confusion.flatMap((row, label) => {
    const images = row.reduce((sum, n) => sum + n, 0);
    return images > 0 ? [(row[label] ?? 0) / images] : [];
  });
}
