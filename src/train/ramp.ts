/** @file Weights of losses, as numbers of the graph or as inputs that grow from epoch to epoch. */
import type { Weight } from "../distill/index.ts";
import { input, mul, type Tensor } from "../tensor/index.ts";

/** The loss times its weight. A weight that ramps is the scalar input `weight NAME`. */
export function weigh(name: string, loss: Tensor, weight: Weight): Tensor {
  return mul(loss, typeof weight === "number" ? weight : input(`weight ${name}`, []));
}

/** Values of those inputs in an epoch, from 1: value · min(epoch / rampEpochs, 1). */
export function rampInputs(weights: Readonly<Record<string, Weight>>, epoch: number): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, weight]) =>
      typeof weight === "number"
        ? []
        : [[`weight ${name}`, Float32Array.of(weight.value * Math.min(epoch / weight.rampEpochs, 1))] as const],
    ),
  );
}
