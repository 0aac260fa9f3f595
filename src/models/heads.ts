/** @file How a network of small images may end by option: what its last linear layer gets of each map. */
import { elementAt } from "../elements.ts";
import { adaptiveAvgPool2d, type Module } from "../nn/index.ts";
import { maxPool2d } from "../tensor/index.ts";
import { choice, type ModelOption } from "./option.ts";

const heads = {
  mean: () => adaptiveAvgPool2d(1),
  max: (): Module => ({ forward: (x) => maxPool2d(x, [elementAt(x.shape, 2), elementAt(x.shape, 3)]) }),
} as const satisfies Record<string, () => Module>;

export type HeadName = keyof typeof heads;

/** [N, C, H, W] to [N, C, 1, 1], by its name. */
export function head(name: HeadName): Module {
  return heads[name]();
}

export function headOption(value: HeadName): ModelOption<HeadName> {
  return choice(value, heads, "what the last layer gets of each map: its mean, or its largest number");
}
