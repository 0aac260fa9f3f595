/** @file A run whose network has weights before it begins: to start from, or to be evaluated as it is. */
import { LimbeckError } from "../errors.ts";
import { checkNamed, valuesFor, type ModelFile } from "../model-file/index.ts";
import { architectureName, type Model } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import { learner } from "../distill/learner.ts";
import { classifierOf } from "../distill/observe.ts";
import { droppedPrefix, startingValues } from "../weights/index.ts";
import type { PlanOptions, RunPlan } from "./plan.ts";

/** A file's weights that a training starts from, or those of another network. */
export interface StartingWeights extends ModelFile {
  /** Of the file. */
  readonly sha256?: string;
  /** The names of the classes that the training is to tell. */
  readonly classNames: readonly string[];
}

/**
 * The run with these weights of its model in the place of drawn values; the plan says what was taken. Throws ARGUMENT, WEIGHTS where the model
 * and its weights do not fit.
 */
export function startFrom(
  plan: RunPlan,
  model: Model,
  { tensors, source, description, sha256, classNames }: StartingWeights,
): RunPlan {
  const named = description?.architecture && architectureName(description.architecture);
  if (named !== undefined && named !== model.name) {
    throw new LimbeckError(
      "ARGUMENT",
      `${source} says that it holds ${named}, so ${model.name} cannot start from it; choose ${named} as the model, or other weights`,
    );
  }
  const others = description?.classNames ?? classNames;
  const found = startingValues(model, tensors, {
    source,
    head: () => classifierOf(model),
    isOtherHead: others.length !== classNames.length || others.some((name, i) => name !== classNames[i]),
  });
  const values = new Map(plan.values);
  // NOTE: of a network that a method makes of the model, without its classifier say, only what is in it.
  for (const [tensor, value] of found.values) if (values.has(tensor)) values.set(tensor, value);
  const { taken, drawn, prefix } = found;
  const redrawn = drawn.length > 0 ? `; ${drawn.join(" and ")} are drawn with the seed, for other classes` : "";
  return {
    ...plan,
    values,
    start: { source, sha256, taken, drawn },
    notes: [`${plan.name} starts from ${taken} tensors of ${source}${redrawn}${prefixNote(prefix)}`],
  };
}

function prefixNote(prefix: string): string {
  return prefix === "" ? "" : `; all names there begin with ${prefix}, which is dropped`;
}

/** A run that takes weights from a file and evaluates them. Throws ARGUMENT, WEIGHTS for a file that is not the model's. */
export function planPretrained(options: Omit<PlanOptions, "random" | "teacher" | "images">, file: ModelFile): RunPlan {
  const { name, title, model, objective, seed } = options;
  const { description } = file;
  checkNamed(file, model.name);
  const values = valuesFor(model, file);
  const prefix = droppedPrefix(model, file.tensors, file.source);
  const plan = { name, title, learner: learner(model, objective), values, pretrained: true, random: torchRandom(seed) };
  return {
    ...plan,
    description,
    notes: prefix === "" ? undefined : [`${name} takes the weights of ${file.source}${prefixNote(prefix)}`],
  };
}
