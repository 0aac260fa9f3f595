/** @file Convolution layers. */
import { aNumber, anObject, checkArguments } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { conv2d as convolve, convTranspose2d as spread, type ConvOptions } from "../tensor/index.ts";
import { aPair, pair } from "../tensor/ops/conv.ts";
import { weightAndBias } from "./initial.ts";
import type { Module } from "./module.ts";

/** Stride 1, no padding, dilation 1 and one group, if not said; a number stands for both height and width. */
export interface Conv2dOptions extends ConvOptions {
  /** Whether a number is added to each output channel; yes, if not said. */
  readonly bias?: boolean;
}

/**
 * PyTorch's `nn.Conv2d`: x [N, inputs, H, W] to [N, outputs, H', W'].
 * `weight` [outputs, inputs / groups, KH, KW], `bias` [outputs].
 *
 * Throws ARGUMENT if the groups do not divide inputs and outputs.
 */
export function conv2d(
  inputs: number,
  outputs: number,
  kernel: number | readonly [number, number],
  settings: Conv2dOptions = {},
): Module {
  checkArguments("conv2d", { kernel: [kernel, aPair], options: [settings, anObject] });
  const { bias = true, ...options } = settings;
  const { groups = 1 } = options;
  checkGroups("conv2d", { inputs, outputs, groups });
  const parameters = weightAndBias([outputs, inputs / groups, ...pair(kernel)], bias);
  return {
    parameters,
    forward: (x) => convolve(x, parameters.weight.tensor, parameters.bias?.tensor, options),
  };
}

/**
 * PyTorch's `nn.ConvTranspose2d`: x [N, inputs, H, W] to [N, outputs, H', W'] with H' = (H - 1)·stride - 2·padding +
 * dilation·(KH - 1) + 1. `weight` [inputs, outputs / groups, KH, KW], `bias` [outputs].
 *
 * Throws ARGUMENT if the groups do not divide inputs and outputs.
 */
export function convTranspose2d(
  inputs: number,
  outputs: number,
  kernel: number | readonly [number, number],
  settings: Conv2dOptions = {},
): Module {
  checkArguments("convTranspose2d", { kernel: [kernel, aPair], options: [settings, anObject] });
  const { bias = true, ...options } = settings;
  const { groups = 1 } = options;
  checkGroups("convTranspose2d", { inputs, outputs, groups });
  const parameters = weightAndBias([inputs, outputs / groups, ...pair(kernel)], bias, outputs);
  return {
    parameters,
    forward: (x) => spread(x, parameters.weight.tensor, parameters.bias?.tensor, options),
  };
}

function checkGroups(
  layer: string,
  { inputs, outputs, groups }: { readonly inputs: number; readonly outputs: number; readonly groups: number },
): void {
  checkArguments(layer, { inputs: [inputs, aNumber], outputs: [outputs, aNumber], groups: [groups, aNumber] });
  if (inputs % groups === 0 && outputs % groups === 0) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${layer}: the number of groups should divide ${inputs} inputs and ${outputs} outputs, got ${groups}`,
  );
}
