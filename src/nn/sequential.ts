/** @file Modules one after another. */
import { anObject, checkArguments, listOf } from "../arguments.ts";
import { aModule, type Module } from "./module.ts";

/**
 * PyTorch's `nn.Sequential`: each child takes the result of the one before. A list's children are named "0", "1", …;
 * a record's have its keys.
 *
 * NOTE: JavaScript puts keys that are whole numbers before all others, whatever order they are written in.
 */
export function sequential(modules: readonly Module[] | Readonly<Record<string, Module>>): Module {
  checkArguments("sequential", { modules: [modules, anObject] });
  checkArguments("sequential", { "every module": [Object.values(modules), listOf(aModule)] });
  return {
    children: Object.fromEntries(Object.entries(modules)),
    forward: (x, children) => Object.values(children).reduce((y, child) => child(y), x),
  };
}
