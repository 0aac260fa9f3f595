/** @file Weights and their files as they are published. */
import { aString, byName, bytes, floats, having, listOf, mapOf, aNumber, optional } from "../../arguments.ts";
import * as weights from "../../weights/index.ts";
import { checked } from "./checked.ts";
import { aModel } from "./kinds.ts";

const tensors = mapOf("tensors", having("a tensor", { shape: listOf(aNumber), values: floats }));

export const fitWeights = checked("fitWeights", weights.fitWeights, {
  model: aModel,
  tensors,
  source: optional(aString),
});
export const readSafetensors = checked("readSafetensors", weights.readSafetensors, {
  bytes,
  source: optional(aString),
});
export const weightsFileBytes = checked("weightsFileBytes", weights.weightsFileBytes, { model: aModel });
export const writeSafetensors = checked("writeSafetensors", weights.writeSafetensors, {
  tensors,
  metadata: optional(byName("texts by name", () => aString)),
});
