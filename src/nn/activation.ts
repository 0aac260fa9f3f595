/** @file Activations: modules that learn nothing and change each element by itself. */
import { relu as rectify } from "../tensor/index.ts";
import type { Module } from "./module.ts";

/** PyTorch's `nn.ReLU`: max(x, 0). */
export function relu(): Module {
  return { forward: rectify };
}
