/** @file What is checked before an experiment writes anything: its networks fit its data and its labels; data and modules are those it began with. */
import { isShiftedAlone } from "../data/augment.ts";
import { classSizes, countByClass } from "../data/class-sizes.ts";
import type { Dataset } from "../data/dataset.ts";
import { fingerprint } from "../data/fingerprint.ts";
import { LimbeckError } from "../errors.ts";
import { cacheWithoutValues } from "../teachers/index.ts";
import { checkNotSpatial } from "../distill/spatial.ts";
import {
  checkFits,
  imageRoom,
  isKeptImages,
  keepImages,
  type TeacherViews,
  recordTraining,
  teacherCacheBytes,
  usesLabels,
} from "../train/index.ts";
import { rangesFor } from "../train/quantise/index.ts";
import { type Learner, learner } from "../distill/learner.ts";
import type { TrainingConfig } from "./config.ts";
import type { Model } from "../models/index.ts";
import { contextOf, type RunContext, type RunPlan } from "./plan.ts";
import { checkMemory, keptViews, MEBIBYTE } from "./teacher-views.ts";
import { trainingOptions, type PreparedRun } from "./training.ts";
import { methods, objective, withoutLabels, type AnyMethod, type Objective } from "../distill/index.ts";
import type { Networks } from "./teacher-classes.ts";
import { sha256Hex } from "../sha256.ts";
import { input, substitute, topologicalOrder, type Graph } from "../tensor/index.ts";

/**
 * The runs that train, their steps recorded, that of a short last batch too; weights that are only evaluated are seen to fit. `known` were recorded
 * before there was an engine, and serve where it keeps no images. Throws as `train`.
 */
export function prepareRuns(
  context: RunContext,
  plans: readonly RunPlan[],
  known: ReadonlyMap<RunPlan, PreparedRun> = new Map(),
): Map<RunPlan, PreparedRun> {
  const prepared = new Map<RunPlan, PreparedRun>();
  for (const plan of plans) {
    const earlier = known.get(plan);
    if (plan.pretrained) checkFits(plan.learner.model, context.dataset);
    else if (earlier && !keepImages({ ...earlier.options, engine: context.engine })) prepared.set(plan, earlier);
    else prepared.set(plan, prepareRun(context, plan));
  }
  return prepared;
}

/** A run's training, its steps recorded before its teacher is queried, as the engine will have them if there is one. */
export function prepareRun(
  context: Pick<RunContext, "dataset" | "config"> & Partial<Pick<RunContext, "engine">>,
  plan: Pick<RunPlan, "learner" | "settings">,
  how: { readonly kept?: KeptTeacher | undefined } = {},
): PreparedRun {
  const { engine, dataset, config } = contextOf(context, plan);
  const { learner } = plan;
  const kept = how.kept ?? keptBeforehand(learner, config);
  if (kept?.views === "mean")
    checkNotSpatial(learner, kept.teacher, "the mean of both sides of each image is asked for");
  if (kept) checkMemory([learner], kept.teacher, dataset.train.count, config.teacherMemory, kept.views);
  const ranges = config.quantizeEpochs === undefined ? undefined : rangesFor(learner.model, config.quantizeFor);
  const options = {
    learner,
    dataset,
    ...trainingOptions(config, dataset.train.count, ranges),
    ...(kept && { teacherCache: cacheWithoutValues(learner, kept.teacher), isTeacherFixed: true }),
  };
  return { options, recorded: recordTraining({ ...options, engine }) };
}

/** The step that takes most of a run's time, to be timed: without its teacher, where that is cached to save passes. `prepared` serves where it is the same. */
export function stepToTime(
  context: Pick<RunContext, "dataset" | "config">,
  plan: Pick<RunPlan, "learner" | "settings">,
  prepared: () => PreparedRun,
): Graph {
  const { dataset, config } = contextOf(context, plan);
  const { learner } = plan;
  const { teacher } = learner;
  const kept = keptBeforehand(learner, config) ? undefined : keptViews(config);
  const isCached =
    teacher !== undefined &&
    kept !== undefined &&
    teacherCacheBytes(teacher, [learner], dataset.train.count, kept.views) <= config.teacherMemory * MEBIBYTE;
  const run = isCached ? prepareRun(context, plan, { kept: { teacher, views: kept.views } }) : prepared();
  return run.recorded.phases.at(-1)!.segments[0].steps.graphs[0]!;
}

/** A teacher that is queried before the training, and which views it sees. */
interface KeptTeacher {
  readonly teacher: Model;
  readonly views: TeacherViews;
}

/** What a teacher is asked beforehand because it cannot run in a step, or is not to; what is only kept to save passes is recorded as if it ran. */
function keptBeforehand({ teacher }: Learner, config: TrainingConfig): KeptTeacher | undefined {
  if (!teacher) return undefined;
  if (teacher.external && config.teacherViews === "view") return { teacher, views: "image" };
  const kept = keptViews(config);
  return kept && (teacher.external || kept.isFixed || kept.views === "mean")
    ? { teacher, views: kept.views }
    : undefined;
}

/** Throws CHECKSUM where the folder's experiment was begun with other data. */
export async function checkSameData({ folder, dataset }: RunContext): Promise<void> {
  const found = await fingerprint(dataset);
  const expected = folder.bind("data", found);
  if (found === expected) return;
  throw new LimbeckError(
    "CHECKSUM",
    `the images or labels of ${dataset.name} are not those that this experiment started with: expected fingerprint ${expected}, ` +
      `got ${found}; put the same files in the data folder, or start again in a new folder`,
  );
}

/** Names that a message lists. */
const LISTED = 5;

/** A warning about classes without training images; nothing where every class has some. */
export function missingClasses({
  classes,
  train,
  answeredBy,
}: Pick<Dataset, "classes" | "train" | "answeredBy">): string | undefined {
  if (answeredBy !== undefined) return undefined; // nobody knows
  const present = new Set(train.labels);
  const missing = classes.filter((_, label) => !present.has(label));
  if (missing.length === 0) return undefined;
  const more = missing.length > LISTED ? `, … (${missing.length} of ${classes.length} classes)` : "";
  const images = train.count === 1 ? "the one training image is not" : `none of the ${train.count} training images is`;
  return `${images} of ${missing.slice(0, LISTED).join(", ")}${more}: nothing can be learned of ${
    missing.length === 1 ? "this class" : "these classes"
  }; take more images`;
}

/** A warning about classes with far more training images than others, where nothing is done about that. */
export function unequalClasses({
  dataset: { classes, train, answeredBy },
  config: { balance },
}: Pick<RunContext, "dataset" | "config">): string | undefined {
  if (answeredBy !== undefined || balance !== "none") return undefined;
  const { largestClass, smallestClass, isUnequal } = classSizes(countByClass(train.labels, classes.length));
  if (!isUnequal) return undefined;
  const [largest, smallest] = [classes[largestClass.label], classes[smallestClass.label]];
  return (
    `classes are unequal: ${largestClass.images} of the ${train.count} training images are of ${largest} (${largestClass.percent.toFixed(1)}%) and ${smallestClass.images} of ${smallest}, ` +
    "so that small classes may hardly be learned, and accuracy hides it: look at the balanced accuracy, and try balance weights or sampler (--balance weights)"
  );
}

/** What to say of training images that the engine would keep if it had room for them: shown as they are, shifted or mirrored. */
export function imagesNotKept({
  engine,
  dataset,
  config,
}: Pick<RunContext, "engine" | "dataset" | "config">): string | undefined {
  const { bytes, room } = imageRoom(engine, dataset);
  if (bytes <= room || !isShiftedAlone(config.augment)) return undefined;
  return (
    `the training images take ${Math.ceil(bytes / MEBIBYTE)} MiB, of which ${engine.name} keeps ${Math.floor(room / MEBIBYTE)} MiB at most: ` +
    "each step is given its own, to the same results"
  );
}

/** Throws ARGUMENT, with the methods that do without, for an objective that has losses of labels besides their own, or no others. */
export function checkNeedsNoLabels(method: Objective, networks: Networks): void {
  if (!needsLabels(method, networks)) return;
  const others = Object.values<AnyMethod>(methods).filter((each) => learnsWithout(each, networks));
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method.name} needs labels, and these images have none; choose another method ` +
      `(${others.map(({ name }) => name).join(", ")}), or put the pictures into a folder for each class`,
  );
}

function needsLabels(method: Objective, { student, teacher, images }: Networks): boolean {
  if (Object.keys(method.weights).length === 0) return true;
  return usesLabels(learner(student, method, teacher, { images }));
}

function learnsWithout(method: AnyMethod, networks: Networks): boolean {
  if (!method.needsTeacher || method.student) return false;
  try {
    return !needsLabels(withoutLabels(objective(method)), networks);
  } catch (error) {
    if (error instanceof LimbeckError) return false; // What it compares does not fit.
    throw error;
  }
}

/**
 * Throws MODULE where a run of the folder's experiment computes something else than when that was begun, though its modules are the same
 * files: what they import has changed, say. Without modules there is nothing to check; with `force` it is not.
 */
export async function checkSameSteps(
  { config, folder }: RunContext,
  prepared: ReadonlyMap<RunPlan, PreparedRun>,
): Promise<void> {
  const paths = Object.keys(config.modules ?? {});
  if (paths.length === 0) return;
  for (const [{ name }, { recorded }] of prepared) {
    const texts = recorded.phases.flatMap(({ segments }) => segments.flatMap(({ steps }) => steps.graphs.map(textOf)));
    const found = await sha256Hex(texts.join("\n"));
    if (folder.bind(`steps of ${name}`, found) === found || config.force) continue;
    throw new LimbeckError(
      "MODULE",
      `${name} would compute something else than when this experiment was begun, though ${paths.join(" and ")} ` +
        "are the same: files that they import have changed, or they give something else each time; put those back, " +
        "start again in a new folder, or go on all the same with --force",
    );
  }
}

/** Everything that a graph computes: a line a tensor. The same whether the engine keeps the images or is given them. */
function textOf({ outputs, updates }: Graph): string {
  const recorded = [...Object.values(outputs), ...updates.flatMap(({ value, state }) => [value, state])];
  const images = topologicalOrder(recorded).find(
    ({ op, inputs }) => op.name === "lookupRows" && isKeptImages(inputs[0]),
  );
  const roots = images ? substitute(recorded, images, input("images", images.shape)) : recorded;
  const order = topologicalOrder(roots);
  const places = new Map(order.map((tensor, i) => [tensor, i]));
  const placesOf = (tensors: readonly (typeof order)[number][]): string =>
    tensors.map((tensor) => places.get(tensor)).join(" ");
  const lines = order.map(
    ({ op, inputs, attributes, shape, dtype }) =>
      `${op.name} ${placesOf(inputs)} ${JSON.stringify(attributes)} ${dtype} ${shape.join(" ")}`,
  );
  return [...lines, Object.keys(outputs).join(" "), placesOf(roots)].join("\n");
}
