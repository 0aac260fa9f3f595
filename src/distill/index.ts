/** @file Distillation: what a method is, the table of methods, and what a network is trained on. */
export { alternatives, shareOf } from "./alternatives.ts";
export { combined } from "./combine.ts";
export * from "./losses/basic.ts";
export * from "./method.ts";
export { findMethod, methods, type MethodName } from "./methods/index.ts";
export { objectiveNamed } from "./named.ts";
export * from "./objective.ts";
export { comparedStages, type Pairing, type Place } from "./pairing.ts";
export * from "./observed.ts";
export * as option from "./option.ts";
export type { Bounds, Option, SearchRange } from "./option.ts";
export * from "./pairs.ts";
export { optionsSchema } from "./resolve.ts";
export { withoutLabels } from "./without-labels.ts";
