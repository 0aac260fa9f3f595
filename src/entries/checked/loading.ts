/** @file Batches of images as they are published. */
import { checked } from "./checked.ts";
import { having, joined, listOf, object } from "../../arguments.ts";
import * as is from "./kinds.ts";
import * as views from "../../data/augment.ts";
import * as loader from "../../data/loader.ts";
import * as streams from "../../random/index.ts";

const aCount: is.Kind = {
  expected: "a whole number from 0 to 4294967295",
  is: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
};

const area = { "minScale maxScale minRatio maxRatio": is.aNumber };
const augment = object({
  seed: is.aNumber,
  "resizedCrop?": area,
  "colourJitter?": { "brightness contrast saturation hue": is.aNumber },
  "crop?": { padding: is.aNumber },
  "flip?": { probability: is.aNumber },
  "cutout?": { size: is.aNumber },
  "erasing?": joined({ probability: is.aNumber }, area),
});

export const batches = checked("batches", loader.batches, { count: aCount, batchSize: is.aNumber });

export const gatherImages = checked("gatherImages", loader.gatherImages, {
  split: is.aSplit,
  shape: is.aShape,
  table: is.floats,
  indices: is.indices,
  range: is.aRange,
  out: is.floats,
});

export const gatherLabels = checked("gatherLabels", loader.gatherLabels, {
  split: is.aSplit,
  indices: is.indices,
  range: is.aRange,
  out: is.anObject,
});

export const gatherViews = checked("gatherViews", views.gatherViews, {
  source: { split: is.aSplit, shape: is.aShape, table: is.floats },
  indices: is.indices,
  range: is.aRange,
  augment,
  epoch: is.aNumber,
  out: is.floats,
  "turns?": is.indices,
});

export const normaliser = checked("normaliser", loader.normaliser, {
  dataset: having("a data set", { shape: is.aShape, "mean std": listOf(is.aNumber) }),
});

export const loaderOrder = checked("loaderOrder", streams.loaderOrder, {
  random: is.aRandom,
  count: is.aNumber,
  options: is.anObject,
});
