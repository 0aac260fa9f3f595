/** @file Activations: modules that learn nothing and change each element by itself. */
import { aNumber, checkArguments } from "../arguments.ts";
import { add, mul, relu as rectify } from "../tensor/index.ts";
import type { Module } from "./module.ts";

/** PyTorch's `nn.ReLU`: max(x, 0). */
export function relu(): Module {
  return { forward: rectify };
}

/** PyTorch's `nn.LeakyReLU`: x where x > 0, else slope·x, with gradient `slope` at 0. */
export function leakyRelu(slope: number): Module {
  checkArguments("leakyRelu", { slope: [slope, aNumber] });
  return { forward: (x) => add(mul(rectify(x), 1 - slope), mul(x, slope)) };
}
