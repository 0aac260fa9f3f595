/** @file Our losses by the names under which published figures have them. */
import { cosineLoss, meanSquaredError, softTargetLoss } from "../../src/distill/losses.ts";
import type { Tensor } from "../../src/tensor/index.ts";

/** A case's inputs by name, with its whole numbers (`labels`, `sampleIndices`, ...) as int32. */
type Given = Readonly<Record<string, Tensor>>;
type Options = Readonly<Record<string, number>>;

/** A loss, with the tensors that become states' new values where the case has those under `updated`. */
export type GoldenResult = Tensor | { readonly loss: Tensor; readonly updated: Readonly<Record<string, Tensor>> };

const logits = (x: Given): [Tensor, Tensor] => [x["studentLogits"]!, x["teacherLogits"]!];
const features = (x: Given): [Tensor, Tensor] => [x["studentFeature"]!, x["teacherFeature"]!];
const embeddings = (x: Given): [Tensor, Tensor] => [x["studentEmbedding"]!, x["teacherEmbedding"]!];

/** One line each. */
export const goldenLosses: Readonly<Record<string, (x: Given, options: Options) => GoldenResult>> = {
  kd: (x, { temperature }) => softTargetLoss(...logits(x), temperature!),
  hint: (x) => meanSquaredError(...features(x)),
  cosine: (x) => cosineLoss(...embeddings(x)),
};
