/** @file Whether networks have values: an engine holds zeros until some are written, and a network of zeros learns and teaches nothing. */
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import { namedBuffers, namedParameters, type Buffer, type Module, type Parameter } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import type { Tensor } from "../tensor/index.ts";

/**
 * Throws WEIGHTS where the engine holds nothing but zeros for all parameters, or all buffers, of a module that would not begin so.
 * Reads little: up to the first value that is not 0. `used` says which states matter; all, if not said.
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
