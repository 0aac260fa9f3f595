/** @file Parameters and buffers by their paths, as PyTorch names them. */
import { aFunction, checkArguments, having, optional } from "../arguments.ts";
import { aTensor, type Tensor } from "../tensor/index.ts";
import { aModule, type Buffer, type Module, type Parameter } from "./module.ts";

const aHeld = having("an object", {
  tensor: aTensor,
  initial: optional({
    expected: "a function or a number",
    is: (value) => aFunction.is(value) || typeof value === "number",
  }),
});

/**
 * Every parameter by its path, `features.0.weight`, in construction order; one that stands in several places by its first, as
 * in PyTorch's `named_parameters`.
 */
export function namedParameters(module: Module): Map<string, Parameter> {
  return once(named(module, ({ parameters }) => parameters));
}

/** Every buffer by its path, `features.1.running_mean`; one that stands in several places by its first. */
export function namedBuffers(module: Module): Map<string, Buffer> {
  return once(named(module, ({ buffers }) => buffers));
}

/**
 * Every tensor that a network's file holds, by its path: parameters and buffers, as PyTorch's state dict has them. One that
 * stands in several places has all their paths.
 */
export function namedStates(module: Module): Map<string, Tensor> {
  const all = named<Parameter | Buffer>(module, ({ parameters, buffers }) => ({ ...parameters, ...buffers }));
  return new Map([...all].map(([path, { tensor }]) => [path, tensor]));
}

/** How many numbers a network learns. */
export function countParameters(module: Module): number {
  return [...namedParameters(module).values()].reduce((total, { tensor }) => total + tensor.size, 0);
}

function named<T>(module: Module, own: (module: Module) => Readonly<Record<string, T>> | undefined): Map<string, T> {
  const found = new Map<string, T>();
  const visit = (current: Module, prefix: string): void => {
    checkArguments("a network", { [prefix === "" ? "module" : prefix.slice(0, -1)]: [current, aModule] });
    for (const [name, value] of Object.entries(own(current) ?? {})) {
      checkArguments("a network", { [prefix + name]: [value, aHeld] });
      found.set(prefix + name, value);
    }
    for (const [name, child] of Object.entries(current.children ?? {})) visit(child, `${prefix}${name}.`);
  };
  visit(module, "");
  return found;
}

function once<T extends { readonly tensor: Tensor }>(all: ReadonlyMap<string, T>): Map<string, T> {
  const seen = new Set<Tensor>();
  return new Map([...all].filter(([, { tensor }]) => !seen.has(tensor) && seen.add(tensor)));
}
