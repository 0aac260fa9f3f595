/** @file Activations that a network may have by option. */
import { gelu, leakyRelu, relu, type Module } from "../nn/index.ts";
import { choice, type ModelOption } from "./option.ts";

const activations = {
  relu,
  gelu,
  "leaky-relu": () => leakyRelu(0.1),
} as const satisfies Record<string, () => Module>;

export type ActivationName = keyof typeof activations;

/** A layer by its name. */
export function activation(name: ActivationName): Module {
  return activations[name]();
}

export function activationOption(value: ActivationName): ModelOption<ActivationName> {
  return choice(value, activations, "what follows each convolution's norm, or each layer");
}
