/** @file What both ShuffleNets have in common: a first layer, three stages, and where methods find them. */
import type { Module, Pass } from "../nn/index.ts";
import { relu, type Tensor } from "../tensor/index.ts";
import type { FeaturePlace } from "./model.ts";

/** A network's children up to the last stage. */
export type ShuffleStages = Readonly<Record<"conv1" | "bn1" | "layer1" | "layer2" | "layer3", Module>>;

/** The last stage's maps, the places below noted on the way: x [N, 3, 32, 32] to [N, C, 4, 4]. */
export function lastMaps({ conv1, bn1, layer1, layer2, layer3 }: ShuffleStages, x: Tensor, pass: Pass): Tensor {
  const first = pass.note("relu", relu(pass.run("bn1", bn1, pass.run("conv1", conv1, x))));
  return pass.run("layer3", layer3, pass.run("layer2", layer2, pass.run("layer1", layer1, first)));
}

/** The stages have 4, 8 and 4 blocks; each block notes its result before the activation as `joined`. */
export const shuffleFeatures: readonly FeaturePlace[] = [
  { output: "relu", preActivation: "bn1" },
  { output: "layer1", preActivation: "layer1.3.joined" },
  { output: "layer2", preActivation: "layer2.7.joined" },
  { output: "layer3", preActivation: "layer3.3.joined" },
  { output: "pooled", preActivation: "pooled" },
];
