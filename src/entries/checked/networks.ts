/** @file Networks and their files as they are published. */
import { checked, checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";
import * as files from "../../model-file/index.ts";
import * as models from "../../models/index.ts";

const anEntry = is.having("a model's name, or an object", {
  name: is.aString,
  create: is.aFunction,
  leastSide: is.optional(is.aNumber),
});

export const createModel = checked("createModel", models.createModel, {
  model: { ...anEntry, is: (value: unknown) => is.aString.is(value) || anEntry.is(value) },
  ...is.modelOptions,
});
export const deepNN = checked("deepNN", models.deepNN, is.modelOptions);
export const lightNN = checked("lightNN", models.lightNN, is.modelOptions);
export const ensemble = checked("ensemble", models.ensemble, {
  members: is.listOf(is.aModel),
  weights: is.optional(is.listOf(is.aNumber)),
});

const loadOptions = is.options({ into: is.optional(is.aModel), source: is.optional(is.aString) });

export const loadModel = checkedAsync("loadModel", files.loadModel, {
  bytes: is.bytes,
  engine: is.anEngine,
  options: loadOptions,
});
export const readNetwork = checkedAsync("readNetwork", files.readNetwork, {
  bytes: is.bytes,
  options: loadOptions,
});
export const saveModel = checkedAsync("saveModel", files.saveModel, {
  model: is.aModel,
  engine: is.having("an engine", { read: is.aFunction }),
  options: is.options(is.each(is.optional(is.anObject), "dataset", "made", "int8")),
});
