/** @file The networks of the table that stand for all where each takes long. */
import { models } from "../../src/models/index.ts";

/** Deeper or wider than one that is tried, of the same layers; of each family the deepest or the widest is among those that are. */
const covered: ReadonlySet<string> = new Set([
  ...["resnet32", "resnet44", "resnet56", "resnet32x4"], // resnet20, resnet110 and resnet8x4
  ...["wrn_40_1", "wrn_40_2"], // wrn_16_1 and wrn_16_2
  ...["vgg11", "vgg13", "vgg16", "vgg19"], // vgg8
  "resnet34", // resnet18 and resnet50
]);

/** Names; every one of the table with LIMBECK_LONG=1. */
export const tried: readonly string[] = Object.keys(models).filter(
  (name) => process.env["LIMBECK_LONG"] === "1" || !covered.has(name),
);
