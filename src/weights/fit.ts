/** @file A model's weights from a file, under PyTorch's names: they have to fit. */
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { formatShape, sameShape, type Tensor } from "../tensor/index.ts";
import type { StoredTensor } from "./safetensors.ts";

/**
 * The values of each of the model's parameters and buffers, from a file's tensors by name, or by name behind a prefix that all have
 * (`droppedPrefix`).
 *
 * Throws one WEIGHTS error that lists the missing, unexpected and wrongly shaped tensors. `source` names the file in it.
 */
export function fitWeights(
  model: Model,
  tensors: ReadonlyMap<string, StoredTensor>,
  source = "weights",
): Map<Tensor, Float32Array> {
  const states = namedStates(model.module);
  const prefix = droppedPrefix(model, tensors, source);
  const values = new Map<Tensor, Float32Array>();
  const problems: string[] = [];
  for (const [name, tensor] of states) {
    const stored = tensors.get(prefix + name);
    if (!stored) problems.push(`missing: ${name} ${formatShape(tensor.shape)}`);
    else if (!sameShape(stored.shape, tensor.shape))
      problems.push(`wrong shape: ${name} should be ${formatShape(tensor.shape)}, got ${formatShape(stored.shape)}`);
    else values.set(tensor, stored.values);
  }
  for (const [name, { shape }] of tensors) {
    const isKnown = name.startsWith(prefix) && states.has(name.slice(prefix.length));
    if (!isKnown && !isBatchCount(name)) problems.push(`unexpected: ${name} ${formatShape(shape)}`);
  }
  if (problems.length > 0) {
    throw new LimbeckError(
      "WEIGHTS",
      `${source} should hold the ${states.size} tensors of ${model.name} with ${model.classes} classes:\n` +
        `${listed(problems)}` +
        "Give a file that was saved from this model with as many classes, or choose the model that the file was saved from.",
    );
  }
  return values;
}

/**
 * What stands before each of the model's names in the file, as wrappers of PyTorch put it: `module.`, `model.`, `state_dict.`; empty where
 * a name is there as it is, or where no prefix gives all of them. Throws WEIGHTS where several do: the file holds as many networks.
 */
export function droppedPrefix(
  { name: model, module }: Pick<Model, "name" | "module">,
  tensors: ReadonlyMap<string, unknown>,
  source = "weights",
): string {
  const names = [...namedStates(module).keys()];
  const [first] = names;
  if (first === undefined || names.some((name) => tensors.has(name))) return "";
  const [prefix = "", ...others] = [...tensors.keys()]
    .flatMap((name) => (name.endsWith(`.${first}`) ? [name.slice(0, -first.length)] : []))
    .filter((prefix) => names.every((name) => tensors.has(prefix + name)));
  if (others.length === 0) return prefix;
  throw new LimbeckError(
    "WEIGHTS",
    `${source} should hold ${model} once, but holds one under each of ${[prefix, ...others].join(", ")}; save one of them alone`,
  );
}

/** What PyTorch's batch norm counts beside its averages, which a fixed momentum never asks for. */
function isBatchCount(name: string): boolean {
  return name.endsWith(".num_batches_tracked");
}

/** Problems that are listed; a file of something else altogether has hundreds. */
const mostListed = 20;

function listed(problems: readonly string[]): string {
  const more = problems.length - mostListed;
  const shown = more > 1 ? [...problems.slice(0, mostListed), `and ${more} more`] : problems;
  return shown.map((problem) => `  ${problem}\n`).join("");
}
