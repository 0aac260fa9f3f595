/** @file Linear layers. */
import { linear as apply } from "../tensor/index.ts";
import { weightAndBias } from "./initial.ts";
import type { Module } from "./module.ts";

/** PyTorch's `nn.Linear`: x [N, inputs] to [N, outputs]. `weight` [outputs, inputs], `bias` [outputs]. */
export function linear(inputs: number, outputs: number, { bias = true }: { readonly bias?: boolean } = {}): Module {
  const parameters = weightAndBias([outputs, inputs], bias);
  return { parameters, forward: (x) => apply(x, parameters.weight.tensor, parameters.bias?.tensor) };
}
