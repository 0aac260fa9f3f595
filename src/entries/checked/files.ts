/** @file Networks' files as they are published. */
import { having } from "../../arguments.ts";
import * as files from "../../model-file/index.ts";
import { checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";

const loadOptions = { "into?": is.aModel, "source?": is.aString };

export const loadModel = checkedAsync("loadModel", files.loadModel, {
  bytes: is.bytes,
  engine: is.anEngine,
  "options?": loadOptions,
});
export const readNetwork = checkedAsync("readNetwork", files.readNetwork, { bytes: is.bytes, "options?": loadOptions });
export const saveModel = checkedAsync("saveModel", files.saveModel, {
  model: is.aModel,
  engine: having("an engine", { read: is.aFunction }),
  "options?": { "dataset? made? int8?": is.anObject },
});
