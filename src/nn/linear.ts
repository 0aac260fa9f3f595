/** @file Linear layers. */
import { aNumber, anObject, checkArguments } from "../arguments.ts";
import { linear as apply } from "../tensor/index.ts";
import { weightAndBias } from "./initial.ts";
import type { Module } from "./module.ts";

/** PyTorch's `nn.Linear`: x [N, inputs] to [N, outputs]. `weight` [outputs, inputs], `bias` [outputs]. */
export function linear(inputs: number, outputs: number, options: { readonly bias?: boolean } = {}): Module {
  checkArguments("linear", { inputs: [inputs, aNumber], outputs: [outputs, aNumber], options: [options, anObject] });
  const { bias = true } = options;
  const parameters = weightAndBias([outputs, inputs], bias);
  return { parameters, forward: (x) => apply(x, parameters.weight.tensor, parameters.bias?.tensor) };
}
