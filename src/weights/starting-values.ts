/** @file Values that a training starts from: a file's, but for a head that has to tell other classes. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { formatShape, sameShape, type Shape, type Tensor } from "../tensor/index.ts";
import { droppedPrefix, fitWeights } from "./fit.ts";
import type { StoredTensor } from "./safetensors.ts";

/** What is taken of a file, and what stays as it was drawn. */
export interface StartingValues {
  /** By the model's own tensors. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  /** How many they are. */
  readonly taken: number;
  /** The names of the others: the head's, or none. */
  readonly drawn: readonly string[];
  /** What stood before all names; see `droppedPrefix`. */
  readonly prefix: string;
}

export interface StartingOptions {
  /** The path of the module that gives the logits; asked for only where a file may hold another head. */
  readonly head: () => string;
  /** Whether the file's head tells other classes, even if as many. */
  readonly isOtherHead?: boolean;
  /** Names the file in messages. */
  readonly source?: string;
}

/**
 * The values of all of the model's parameters and buffers, but of its head, which stays as it was drawn, where the file's tells
 * another number of classes or `isOtherHead` says so. Throws WEIGHTS, as `fitWeights`, for everything else that does not fit.
 */
export function startingValues(
  model: Model,
  tensors: ReadonlyMap<string, StoredTensor>,
  { head, isOtherHead = false, source = "weights" }: StartingOptions,
): StartingValues {
  const prefix = droppedPrefix(model, tensors, source);
  const states = [...namedStates(model.module)];
  const others = states.filter(([name, { shape }]) => hasOtherClasses(tensors.get(prefix + name)?.shape, shape));
  const drawn = others.length > 0 || isOtherHead ? headOf(states, others, head(), source) : new Map<string, Tensor>();
  const fitting = new Map(tensors);
  // Of what is drawn, only the shape for each class has to fit.
  for (const [name, { shape, size }] of drawn) {
    if (sameShape(tensors.get(prefix + name)?.shape.slice(1) ?? [0], shape.slice(1)))
      fitting.set(prefix + name, { shape, values: new Float32Array(size) });
  }
  const values = fitWeights(model, fitting, source);
  for (const tensor of drawn.values()) values.delete(tensor);
  return { values, taken: values.size, drawn: [...drawn.keys()], prefix };
}

/** Of one shape but for the first axis. */
function hasOtherClasses(stored: Shape | undefined, shape: Shape): boolean {
  return (
    stored !== undefined &&
    stored.length === shape.length &&
    stored[0] !== shape[0] &&
    sameShape(stored.slice(1), shape.slice(1))
  );
}

type Named = readonly [name: string, tensor: Tensor];

/** The head's tensors, if no other one has an axis too long or too short. */
function headOf(states: readonly Named[], others: readonly Named[], path: string, source: string): Map<string, Tensor> {
  const isHead = ([name]: Named): boolean => name.startsWith(`${path}.`);
  const head = states.filter(isHead);
  const misfit = others.find((state) => !isHead(state));
  if (!misfit) return new Map(head);
  throw new LimbeckError(
    "WEIGHTS",
    `${source} should fit all but the head, ${path}, but ${misfit[0]} should be ${formatShape(misfit[1].shape)} and is not; ` +
      "choose the model that the file was saved from",
  );
}
