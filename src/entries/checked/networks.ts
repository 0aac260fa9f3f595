/** @file Networks as they are published. */
import { aFunction, aNumber, aString, having, listOf, optional } from "../../arguments.ts";
import * as models from "../../models/index.ts";
import { checked } from "./checked.ts";
import { aModel, modelOptions } from "./kinds.ts";

const anEntry = having("a model's name, or an object", {
  name: aString,
  create: aFunction,
  leastSide: optional(aNumber),
});

export const createModel = checked("createModel", models.createModel, {
  model: { ...anEntry, is: (value) => aString.is(value) || anEntry.is(value) },
  ...modelOptions,
});
export const deepNN = checked("deepNN", models.deepNN, modelOptions);
export const lightNN = checked("lightNN", models.lightNN, modelOptions);
export const ensemble = checked("ensemble", models.ensemble, {
  members: listOf(aModel),
  weights: optional(listOf(aNumber)),
});
