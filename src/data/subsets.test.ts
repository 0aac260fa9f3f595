import { describe, expect, it } from "vitest";
import type { Dataset } from "./dataset.ts";
import { holdOut } from "./subsets.ts";
import { shapes } from "./shapes.ts";

const whole = shapes({ train: 200, test: 3 });
const images = (split: Dataset["train"]): string[] =>
  Array.from({ length: split.count }, (_, i) => split.image(i).join());
const perClass = ({ labels }: Dataset["train"]): number[] =>
  Array.from({ length: 10 }, (_, label) => labels.filter((at) => at === label).length);

describe("holdOut", () => {
  it("parts the training images, each with its label, and leaves the test images", () => {
    const { train, validation, test } = holdOut(whole, 60, 42);
    expect([train.count, validation!.count]).toEqual([140, 60]);
    expect(test).toBe(whole.test);
    const labels = new Map(images(whole.train).map((image, i) => [image, whole.train.labels[i]]));
    for (const split of [train, validation!]) {
      for (const [i, image] of images(split).entries()) expect(split.labels[i]).toBe(labels.get(image));
    }
    expect(new Set([...images(train), ...images(validation!)]).size).toBe(200);
  });

  it("keeps the order they had", () => {
    const order = new Map(images(whole.train).map((image, i) => [image, i]));
    const { train, validation } = holdOut(whole, 60, 42);
    for (const split of [train, validation!]) {
      const places = images(split).map((image) => order.get(image)!);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  });

  it("is balanced over the classes, the first ones giving the rest", () => {
    expect(perClass(holdOut(whole, 60, 42).validation!)).toEqual(new Array(10).fill(6));
    expect(perClass(holdOut(whole, 23, 42).validation!)).toEqual([3, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
  });

  it("takes more of the others where a class has not so many", () => {
    const few = {
      ...whole,
      train: { ...whole.train, labels: Uint8Array.from({ length: 200 }, (_, i) => (i < 3 ? 0 : 1)) },
    };
    expect(perClass(holdOut(few, 20, 1).validation!).slice(0, 3)).toEqual([3, 17, 0]);
  });

  it("is chosen by the seed alone", () => {
    const of = (seed: number): string[] => images(holdOut(whole, 40, seed).validation!);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it.each([0, -1, 1.5, 200, Number.NaN])("refuses %o of 200", (count) => {
    expect(() => holdOut(whole, count, 1)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });
});
