import { describe, expect, test } from "vitest";
import { checkDataset } from "./check-dataset.ts";
import { splitOf, type Dataset } from "./dataset.ts";
import { holdOut, limit } from "./subsets.ts";
import { gatherImages, normaliser } from "./loader.ts";

const split = splitOf({ pixels: new Uint8Array(24), labels: Uint8Array.of(0, 1, 2) });
const dataset: Dataset = {
  name: "small",
  classes: ["a", "b", "c"],
  shape: [2, 2, 2],
  train: split,
  test: split,
  mean: [0.5, 0.5],
  std: [0.25, 0.25],
};
const labelled = (...labels: number[]) => ({ ...split, labels: Uint8Array.from(labels) });

test("a data set that is what it says passes", () => {
  checkDataset(dataset);
  checkDataset({ ...dataset, validation: split });
});

test.each<[string, Partial<Dataset>, string, RegExp]>([
  [
    "a label above",
    { train: labelled(0, 3, 1) },
    "DATA_FORMAT",
    /train images of small.*image 1 .*0 to 2.*of 3, got 3/,
  ],
  ["a test label above", { test: labelled(0, 1, 255) }, "DATA_FORMAT", /test images.*image 2.*got 255/],
  ["a held-out label above", { validation: labelled(9, 1, 1) }, "DATA_FORMAT", /validation images.*image 0.*got 9/],
  ["fewer labels", { train: labelled(0, 1) }, "DATA_FORMAT", /got 3 images and 2 labels/],
  [
    "no images",
    { train: { ...split, count: 0, labels: new Uint8Array(0) } },
    "DATA_FORMAT",
    /one or more.*got 0 images/,
  ],
  ["another shape", { shape: [2, 2, 3] }, "SHAPE", /image 0 should have 12 bytes, for \[2, 2, 3\], got 8/],
  ["a mean too few", { mean: [0.5] }, "SHAPE", /2 channels/],
  ["a mean that is none", { mean: [0.5, Number.NaN] }, "ARGUMENT", /channel 1.*NaN and 0.25/],
  ["no deviation", { std: [0, 1] }, "ARGUMENT", /channel 0.*0.5 and 0/],
  ["an endless deviation", { std: [1, Infinity] }, "ARGUMENT", /channel 1/],
])("%s is refused", (_, more, code, message) => {
  const check = () => checkDataset({ ...dataset, ...more });
  expect(check).toThrow(expect.objectContaining({ code }));
  expect(check).toThrow(message);
});

describe("of 300 classes", () => {
  const classes = Array.from({ length: 300 }, (_, i) => `class ${i}`);
  const wide = splitOf({ pixels: new Uint8Array(24), labels: Uint16Array.of(0, 256, 299) });
  const many = { ...dataset, classes, train: wide, test: wide };

  test("labels beyond a byte are right, and stay so where images are chosen", () => {
    checkDataset(many);
    expect([...limit(many, 2).test.labels]).toEqual([0, 256]);
    const held = holdOut(many, 1, 3);
    expect([...held.train.labels, ...held.validation!.labels].toSorted((a, b) => a - b)).toEqual([0, 256, 299]);
  });

  test("labels that are no class are refused, and more classes than labels can tell", () => {
    const above = { ...wide, labels: Uint16Array.of(0, 300, 1) };
    const check = (more: Partial<Dataset>) => () => checkDataset({ ...many, ...more });
    expect(check({ train: above })).toThrow(
      expect.objectContaining({ code: "DATA_FORMAT", message: expect.stringMatching(/image 1 .*0 to 299.*got 300/) }),
    );
    expect(check({ classes: new Array<string>(65_536).fill("a") })).toThrow(
      expect.objectContaining({ code: "DATA_FORMAT", message: expect.stringMatching(/1 to 65535 classes, got 65536/) }),
    );
    expect(check({ classes: [] })).toThrow(expect.objectContaining({ code: "DATA_FORMAT" }));
  });
});

test("an image of another size is refused where it is gathered; nothing is held out by labels that are no classes", () => {
  const uneven = { ...split, image: (i: number) => new Uint8Array(i === 2 ? 7 : 8) };
  const take = () =>
    gatherImages(uneven, dataset.shape, normaliser(dataset), [0, 2], { from: 0, to: 2 }, new Float32Array(16));
  expect(take).toThrow(/image 2 should have 8 bytes.*got 7/);
  expect(take).toThrow(expect.objectContaining({ code: "SHAPE" }));
  expect(() => holdOut({ ...dataset, train: labelled(0, 1, 200) }, 1, 3)).toThrow(
    expect.objectContaining({ code: "DATA_FORMAT" }),
  );
});
