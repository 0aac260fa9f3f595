/** @file The table of models. */
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { deepNN } from "./deep-nn.ts";
import { lightNN } from "./light-nn.ts";
import type { Model, ModelOptions } from "./model.ts";

export { deepNN } from "./deep-nn.ts";
export { lightNN } from "./light-nn.ts";
export type { Model, ModelOptions } from "./model.ts";

/** A row of the table. */
export interface ModelEntry {
  /** One line for people. */
  readonly summary: string;
  readonly create: (options?: ModelOptions) => Model;
}

/** Every model by name. */
export const models = {
  DeepNN: { summary: "the tutorial's teacher: 4 convolutions, 2 linear layers, 1.19 M parameters", create: deepNN },
  LightNN: { summary: "the tutorial's student: 2 convolutions, 2 linear layers, 0.27 M parameters", create: lightNN },
} as const satisfies Record<string, ModelEntry>;

export type ModelName = keyof typeof models;

/**
 * A new network of the table, its parameters not yet drawn.
 *
 * Throws UNKNOWN_NAME, with the nearest known name; ARGUMENT for fewer than two classes, or a dropout outside [0, 1).
 */
export function createModel(name: string, options: ModelOptions = {}): Model {
  if (!isModelName(name)) unknownName("model", name, Object.keys(models));
  const { classes = 10 } = options;
  if (!Number.isInteger(classes) || classes < 2) {
    throw new LimbeckError("ARGUMENT", `${name}: classes should be a whole number from 2, got ${classes}`);
  }
  return models[name].create(options);
}

function isModelName(name: string): name is ModelName {
  return Object.hasOwn(models, name);
}
