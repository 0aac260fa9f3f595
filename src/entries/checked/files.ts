/** @file Networks' files as they are published. */
import { aFunction, anObject, aString, bytes, each, having, optional } from "../../arguments.ts";
import * as files from "../../model-file/index.ts";
import { checkedAsync } from "./checked.ts";
import { aModel, anEngine } from "./kinds.ts";

const loadOptions = optional(having("an object", { into: optional(aModel), source: optional(aString) }));

export const loadModel = checkedAsync("loadModel", files.loadModel, { bytes, engine: anEngine, options: loadOptions });
export const readNetwork = checkedAsync("readNetwork", files.readNetwork, {
  bytes,
  options: loadOptions,
});
export const saveModel = checkedAsync("saveModel", files.saveModel, {
  model: aModel,
  engine: having("an engine", { read: aFunction }),
  options: optional(having("an object", each(optional(anObject), "dataset", "made", "int8"))),
});
