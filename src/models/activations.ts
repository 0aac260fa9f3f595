/** @file Activations that a network may have by option. */
import type { Module } from "../nn/index.ts";
import { add, gelu, mul, relu, type Tensor } from "../tensor/index.ts";
import { choice, type ModelOption } from "./option.ts";

const activations = {
  relu,
  gelu: (x) => gelu(x),
  // With a slope of 0.1 below 0.
  "leaky-relu": (x) => add(mul(relu(x), 0.9), mul(x, 0.1)),
} as const satisfies Record<string, (x: Tensor) => Tensor>;

export type ActivationName = keyof typeof activations;

/** A function by its name. */
export function activate(name: ActivationName): (x: Tensor) => Tensor {
  return activations[name];
}

/** A layer by its name. */
export function activation(name: ActivationName): Module {
  return { forward: activations[name] };
}

export function activationOption(value: ActivationName): ModelOption<ActivationName> {
  return choice(value, activations, "what follows each layer, or its norm");
}
