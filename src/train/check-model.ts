/** @file Whether a network can be used: it fits the data set, and an engine holds values for it, not the zeros of a network that learns and teaches nothing. */
import { checkDataset } from "../data/check-dataset.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { Model } from "../models/index.ts";
import { namedBuffers, namedParameters, type Buffer, type Module, type Parameter } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import { formatShape, type Shape, type Tensor } from "../tensor/index.ts";
import type { Learner } from "../distill/learner.ts";
import { observe, probe } from "../distill/observe.ts";

/** Throws SHAPE unless the model takes the data set's images; as `checkDataset` for a data set that is not what it says. */
export function checkTakes(model: Model, dataset: Dataset): void {
  checkDataset(dataset);
  if (formatShape(model.inputShape) !== formatShape(dataset.shape)) {
    throw new LimbeckError(
      "SHAPE",
      `${model.name} should take images of ${formatShape(dataset.shape)}, as ${dataset.name} has them, ` +
        `but it takes ${formatShape(model.inputShape)}`,
    );
  }
}

/** The same, and throws SHAPE unless it gives one logit a class. */
export function checkFits(model: Model, dataset: Dataset): void {
  checkTakes(model, dataset);
  const { shape } = observe(model, probe(model), false).logits;
  const wanted: Shape = [1, dataset.classes.length];
  if (formatShape(shape) !== formatShape(wanted)) {
    throw new LimbeckError(
      "SHAPE",
      `${model.name} should give logits ${formatShape(wanted)} for an image, one a class of ${dataset.name}, ` +
        `but it gives ${formatShape(shape)}; build it with ${dataset.classes.length} classes`,
    );
  }
}

/** Throws WEIGHTS where a network that a training uses was never given values; a resumed one's checkpoint has all but the teacher's. */
export async function checkNetworks(
  engine: Engine,
  { model, teacher, auxiliaries }: Learner,
  { used, isResumed }: { readonly used: ReadonlySet<Tensor>; readonly isResumed: boolean },
): Promise<void> {
  for (const { name, module } of teacher?.members ?? (teacher ? [teacher] : [])) {
    await checkInitialised(engine, `the teacher ${name}`, module, (state) => used.has(state));
  }
  if (isResumed) return;
  await checkInitialised(engine, `the student ${model.name}`, model.module);
  for (const [name, { module }] of Object.entries(auxiliaries)) {
    await checkInitialised(engine, `${name}, trained beside ${model.name},`, module);
  }
}

/**
 * Throws WEIGHTS where the engine holds nothing but zeros for all parameters, or all buffers, of a module that would not begin so.
 * Reads little: up to the first value that is not 0. `used` says which states matter: all by default.
 */
export async function checkInitialised(
  engine: Engine,
  name: string,
  module: Module,
  used: (state: Tensor) => boolean = () => true,
): Promise<void> {
  for (const states of [namedParameters(module), namedBuffers(module)]) {
    const wanted = [...states].filter(([, { tensor }]) => used(tensor));
    const missing = await onlyZeros(engine, wanted);
    if (missing === undefined) continue;
    throw new LimbeckError(
      "WEIGHTS",
      `${name} has no values in this engine: ${missing} and the rest are zeros; load its file, or draw first values and ` +
        "write them all, parameters and buffers, before it is used",
    );
  }
}

/** The first state that should not begin with zeros, where all hold zeros. */
async function onlyZeros(
  engine: Engine,
  states: readonly (readonly [path: string, state: Parameter | Buffer])[],
): Promise<string | undefined> {
  let first: string | undefined;
  for (const [path, { tensor, initial }] of states) {
    if (initial === undefined) continue; // another network's
    if ((await engine.read(tensor)).some((value) => value !== 0)) return undefined;
    if (first === undefined && beginsWithMore(initial)) first = path;
  }
  return first;
}

function beginsWithMore(initial: NonNullable<Buffer["initial"]>): boolean {
  return typeof initial === "number" ? initial !== 0 : initial(torchRandom(0)).some((value) => value !== 0);
}
