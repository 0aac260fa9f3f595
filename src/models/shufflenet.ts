/** @file Where methods find the stages of both ShuffleNets. */
import type { FeaturePlace } from "./model.ts";

/** The stages have 4, 8 and 4 blocks; each block notes its result before the activation as `joined`. */
export const shuffleFeatures: readonly FeaturePlace[] = [
  { output: "relu", preActivation: "bn1" },
  { output: "layer1", preActivation: "layer1.3.joined" },
  { output: "layer2", preActivation: "layer2.7.joined" },
  { output: "layer3", preActivation: "layer3.3.joined" },
  { output: "pooled", preActivation: "pooled" },
];
