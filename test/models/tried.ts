/** @file The networks of the table that stand for all where each takes long. */
import { models } from "../../src/models/index.ts";

/** By what is tried: deeper or wider networks of the same layers. */
const covered: Readonly<Record<string, readonly string[]>> = {
  "resnet20, resnet110 and resnet8x4": ["resnet32", "resnet44", "resnet56", "resnet32x4"],
  "wrn_16_1 and wrn_16_2": ["wrn_40_1", "wrn_40_2"],
  vgg8: ["vgg11", "vgg13", "vgg16", "vgg19"],
  airbench_small: ["airbench94", "airbench93"],
  "resnet18 and resnet50": ["resnet34", "ResNet50"],
};

/** Names; every one of the table with LIMBECK_LONG=1. */
export const tried: readonly string[] = Object.keys(models).filter(
  (name) => process.env["LIMBECK_LONG"] === "1" || !Object.values(covered).flat().includes(name),
);
