/** @file Dropout. */
import { aNumber, checkArguments } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { mul } from "../tensor/index.ts";
import type { Module } from "./module.ts";

/**
 * PyTorch's `nn.Dropout`: while training, zeroes each element with this probability and divides the others by
 * 1 - probability; passes x through otherwise. With probability 0 nothing is drawn, as in PyTorch.
 *
 * Throws ARGUMENT unless 0 ≤ probability < 1. Srivastava et al., "Dropout", 2014.
 */
export function dropout(probability: number): Module {
  checkArguments("dropout", { probability: [probability, aNumber] });
  if (!(probability >= 0 && probability < 1)) {
    throw new LimbeckError(
      "ARGUMENT",
      `dropout: the probability should be at least 0 and less than 1, got ${probability}`,
    );
  }
  return {
    forward: (x, _, scope) => (scope.training && probability > 0 ? mul(x, scope.mask(x.shape, 1 - probability)) : x),
  };
}
