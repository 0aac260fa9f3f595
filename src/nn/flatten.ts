/** @file From feature maps to feature vectors. */
import { flatten as toRows } from "../tensor/index.ts";
import type { Module } from "./module.ts";

/** PyTorch's `nn.Flatten`: x [N, C, H, W] to [N, C·H·W]. */
export function flatten(): Module {
  return { forward: toRows };
}
