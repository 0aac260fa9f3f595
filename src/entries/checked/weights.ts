/** @file Weights and their files as they are published. */
import { byName, having, listOf, mapOf } from "../../arguments.ts";
import * as weights from "../../weights/index.ts";
import { checked } from "./checked.ts";
import * as is from "./kinds.ts";

const tensors = mapOf("tensors", having("a tensor", { shape: listOf(is.aNumber), values: is.floats }));
export const fitWeights = checked("fitWeights", weights.fitWeights, {
  model: is.aModel,
  tensors,
  "source?": is.aString,
});
export const readSafetensors = checked("readSafetensors", weights.readSafetensors, {
  bytes: is.bytes,
  "source?": is.aString,
});
export const weightsFileBytes = checked("weightsFileBytes", weights.weightsFileBytes, { model: is.aModel });
export const writeSafetensors = checked("writeSafetensors", weights.writeSafetensors, {
  tensors,
  "metadata?": byName("texts by name", () => is.aString),
});
