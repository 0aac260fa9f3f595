/** @file The first values of a network, drawn in the order in which PyTorch's constructors would draw them. */
import { aString, checkArguments, having, listOf, optional } from "../arguments.ts";
import { aRandom, type Random } from "../random/random.ts";
import type { Tensor } from "../tensor/index.ts";
import { unknownName } from "../nearest-name.ts";
import { aModule, type Module } from "./module.ts";

/** A module that is trained beside a network, and drawn while the network is: a distillation's regressor, say. */
export interface Auxiliary {
  readonly module: Module;
  /** Path of the network's module after which PyTorch would have built it; after the whole network, if not said. */
  readonly builtAfter?: string;
}

/**
 * First values of every parameter and buffer of `network` and of the auxiliary modules. A parameter that is met twice is drawn once.
 *
 * Throws UNKNOWN_NAME for a `builtAfter` that is no path of the network.
 */
export function initialise(
  network: Module,
  random: Random,
  auxiliaries: readonly Auxiliary[] = [],
): Map<Tensor, Float32Array> {
  checkArguments("initialise", {
    network: [network, aModule],
    random: [random, aRandom],
    auxiliaries: [auxiliaries, listOf(having("an object", { module: aModule, builtAfter: optional(aString) }))],
  });
  const values = new Map<Tensor, Float32Array>();
  const paths: string[] = [];
  const waiting = new Set(auxiliaries);
  const visit = (module: Module, prefix: string, build: (path: string) => void): void => {
    checkArguments("initialise", { [prefix || "network"]: [module, aModule] });
    for (const { tensor, initial } of Object.values(module.parameters ?? {})) {
      if (!values.has(tensor)) values.set(tensor, initial(random));
    }
    for (const { tensor, initial } of Object.values(module.buffers ?? {})) {
      if (initial === undefined || values.has(tensor)) continue;
      values.set(tensor, typeof initial === "number" ? new Float32Array(tensor.size).fill(initial) : initial(random));
    }
    for (const [name, child] of Object.entries(module.children ?? {})) {
      visit(child, `${prefix}${name}.`, build);
      build(prefix + name);
    }
    for (const [tensor, redrawn] of module.redraw?.(random) ?? []) values.set(tensor, redrawn);
  };
  const buildAuxiliaries = (path: string | undefined): void => {
    if (path !== undefined) paths.push(path);
    for (const auxiliary of waiting) {
      if (auxiliary.builtAfter !== path) continue;
      waiting.delete(auxiliary);
      visit(auxiliary.module, "", () => {});
    }
  };
  visit(network, "", buildAuxiliaries);
  buildAuxiliaries(undefined);
  for (const { builtAfter } of waiting) unknownName("module", builtAfter!, paths);
  return values;
}
