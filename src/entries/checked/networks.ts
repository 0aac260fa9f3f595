/** @file Networks as they are published. */
import { checked } from "./checked.ts";
import { having, listOf } from "../../arguments.ts";
import * as is from "./kinds.ts";
import * as models from "../../models/index.ts";

const anEntry = having("a model's name, or an object", {
  name: is.aString,
  create: is.aFunction,
  "leastSide?": is.aNumber,
});

export const createModel = checked("createModel", models.createModel, {
  model: { ...anEntry, is: (value: unknown) => is.aString.is(value) || anEntry.is(value) },
  "options?": is.modelOptions,
});
export const deepNN = checked("deepNN", models.deepNN, { "options?": is.modelOptions });
export const lightNN = checked("lightNN", models.lightNN, { "options?": is.modelOptions });
export const ensemble = checked("ensemble", models.ensemble, {
  members: listOf(is.aModel),
  "weights?": listOf(is.aNumber),
});
