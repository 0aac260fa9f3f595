/** @file Batches of images as they are published. */
import { checked } from "./checked.ts";
import * as is from "./kinds.ts";
import * as views from "../../data/augment.ts";
import * as loader from "../../data/loader.ts";
import * as streams from "../../random/index.ts";

const aCount: is.Kind = {
  expected: "a whole number from 0 to 4294967295",
  is: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
};

const gathered = { indices: is.indices, range: is.aRange };

const area = is.each(is.aNumber, "minScale", "maxScale", "minRatio", "maxRatio");
const augment = is.object({
  seed: is.aNumber,
  resizedCrop: is.options(area),
  colourJitter: is.options(is.each(is.aNumber, "brightness", "contrast", "saturation", "hue")),
  crop: is.options({ padding: is.aNumber }),
  flip: is.options({ probability: is.aNumber }),
  cutout: is.options({ size: is.aNumber }),
  erasing: is.options({ probability: is.aNumber, ...area }),
});

export const batches = checked("batches", loader.batches, { count: aCount, batchSize: is.aNumber });

export const gatherImages = checked("gatherImages", loader.gatherImages, {
  split: is.aSplit,
  shape: is.aShape,
  table: is.floats,
  ...gathered,
  out: is.floats,
});

export const gatherLabels = checked("gatherLabels", loader.gatherLabels, {
  split: is.aSplit,
  ...gathered,
  out: is.anObject,
});

export const gatherViews = checked("gatherViews", views.gatherViews, {
  source: is.object({ split: is.aSplit, shape: is.aShape, table: is.floats }),
  ...gathered,
  augment,
  epoch: is.aNumber,
  out: is.floats,
  turns: is.optional(is.indices),
});

export const normaliser = checked("normaliser", loader.normaliser, {
  dataset: is.having("a data set", { shape: is.aShape, ...is.each(is.listOf(is.aNumber), "mean", "std") }),
});

export const loaderOrder = checked("loaderOrder", streams.loaderOrder, {
  random: is.aRandom,
  count: is.aNumber,
  options: is.anObject,
});
