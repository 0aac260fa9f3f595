/** @file A network's part inside another, as it is. */
import type { Buffer, Module } from "./module.ts";
import { record } from "./pass.ts";

/**
 * The module on the same tensors, none of them trained or drawn: its parameters are buffers, and it always runs in
 * evaluation mode. It is saved with the network that it becomes a part of.
 */
export function frozen(module: Module): Module {
  const kept = ([name, { tensor }]: readonly [string, { readonly tensor: Buffer["tensor"] }]) => [name, { tensor }];
  const children = Object.entries(module.children ?? {}).map(([name, child]) => [name, frozen(child)]);
  return {
    buffers: Object.fromEntries(
      [...Object.entries(module.parameters ?? {}), ...Object.entries(module.buffers ?? {})].map(kept),
    ),
    children: Object.fromEntries(children),
    forward: (x) => record(module, x, { training: false }).output,
  };
}
