/** @file Batches of images as they are published. */
import { aNumber, anObject, aShape, floats, having, listOf, optional, type Kind, each } from "../../arguments.ts";
import * as views from "../../data/augment.ts";
import * as loader from "../../data/loader.ts";
import * as streams from "../../random/index.ts";
import { checked } from "./checked.ts";
import { aRandom, aRange, aSplit, indices } from "./kinds.ts";

const aCount: Kind = {
  expected: "a whole number from 0 to 4294967295",
  is: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
};

const gathered = { indices, range: aRange };

const augment = having("an object", {
  seed: aNumber,
  ...each(optional(anObject), "resizedCrop", "colourJitter", "crop", "flip", "cutout", "erasing"),
});

export const batches = checked("batches", loader.batches, { count: aCount, batchSize: aNumber });

export const gatherImages = checked("gatherImages", loader.gatherImages, {
  split: aSplit,
  shape: aShape,
  table: floats,
  ...gathered,
  out: floats,
});

export const gatherLabels = checked("gatherLabels", loader.gatherLabels, { split: aSplit, ...gathered, out: anObject });

export const gatherViews = checked("gatherViews", views.gatherViews, {
  source: having("an object", { split: aSplit, shape: aShape, table: floats }),
  ...gathered,
  augment,
  epoch: aNumber,
  out: floats,
  turns: optional(indices),
});

export const normaliser = checked("normaliser", loader.normaliser, {
  dataset: having("a data set", { shape: aShape, ...each(listOf(aNumber), "mean", "std") }),
});

export const loaderOrder = checked("loaderOrder", streams.loaderOrder, {
  random: aRandom,
  count: aNumber,
  options: anObject,
});
