/** @file What a data set promises, checked before anything is computed from it: each label a class, images of one size. */
import { LimbeckError } from "../errors.ts";
import { mostClasses, type Dataset, type Split } from "./dataset.ts";
import { checkPixels, normaliser } from "./loader.ts";

/**
 * Throws DATA_FORMAT for fewer than one or more than 65,535 classes, a split without images, labels that are fewer than its images, or a label that is no class; SHAPE
 * where the first image has not the data set's shape, or mean and std not a number for each channel; ARGUMENT for a mean or std
 * that cannot normalise. The other images are measured when they are gathered: some are made only then.
 */
export function checkDataset(dataset: Dataset): void {
  normaliser(dataset);
  const { name, classes, isLabelled = true } = dataset;
  if (!isLabelled) {
    throw new LimbeckError(
      "DATA_FORMAT",
      `${name} has no labels: use a method that needs none, or name the classes, by a folder for each say`,
    );
  }
  checkClassCount(name, classes.length);
  const { train, validation, test } = dataset;
  for (const [kind, split] of Object.entries({ train, validation, test })) {
    if (split) checkSplit(dataset, kind, split);
  }
}

/** Throws DATA_FORMAT unless a data set can have so many classes. */
export function checkClassCount(name: string, classes: number): void {
  if (classes >= 1 && classes <= mostClasses) return;
  throw new LimbeckError(
    "DATA_FORMAT",
    `${name} should have from 1 to ${mostClasses} classes, got ${classes}; join some of them, or leave some out`,
  );
}

function checkSplit({ name, classes, shape }: Dataset, kind: string, split: Split): void {
  const { labels, count } = split;
  const images = `the ${kind} images of ${name}`;
  if (!Number.isInteger(count) || count < 1 || labels.length !== count) {
    throw new LimbeckError(
      "DATA_FORMAT",
      `${images} should be one or more with a label each, got ${count} images and ${labels.length} labels`,
    );
  }
  for (const [i, label] of labels.entries()) {
    if (Number.isInteger(label) && label >= 0 && label < classes.length) continue;
    throw new LimbeckError(
      "DATA_FORMAT",
      `${images}: the label of image ${i} should be a class from 0 to ${classes.length - 1}, one of ${classes.length}, ` +
        `got ${label}; correct the labels, or name every class in classes`,
    );
  }
  checkPixels(images, split.image(0), 0, shape);
}
