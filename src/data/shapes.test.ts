import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pixelsOf, type Split } from "./dataset.ts";
import { shapes } from "./shapes.ts";

const digest = (split: Split): string =>
  createHash("sha256").update(pixelsOf(split)).update(split.labels).digest("hex").slice(0, 16);

const perClass = ({ labels }: Split): number[] =>
  Array.from({ length: 10 }, (_, label) => labels.filter((at) => at === label).length);

describe("shapes", () => {
  // One checksum for all platforms; web/ asks for the same in a browser. It changes with `hardness.ts`.
  it("draws the same bits everywhere", () => {
    const { train, test } = shapes({ train: 300, test: 100 });
    expect({ train: digest(train), test: digest(test) }).toEqual({
      train: "f0124d5711e0c37d",
      test: "90610a49c6a9af3c",
    });
  });

  it("draws an image from the seed, its split and its place alone", () => {
    const small = shapes({ train: 23, test: 1 });
    const large = shapes({ train: 40, test: 2 });
    for (const i of [22, 0, 7]) expect(small.train.image(i)).toEqual(large.train.image(i));
    expect(small.train.labels).toEqual(large.train.labels.slice(0, 23));
    expect(digest(shapes({ train: 10, test: 10, seed: 1 }).train)).not.toBe(
      digest(shapes({ train: 10, test: 10 }).train),
    );
    const { train, test } = shapes({ train: 10, test: 10 });
    expect(digest(train)).not.toBe(digest(test));
  });

  it("holds every class equally often, in mixed order", () => {
    const { train, test, classes } = shapes({ train: 500, test: 200 });
    expect(classes).toEqual([
      "disc",
      "ring",
      "triangle",
      "square",
      "cross",
      "star",
      "stripes",
      "checks",
      "dots",
      "spiral",
    ]);
    expect(perClass(train)).toEqual(new Array(10).fill(50));
    expect(perClass(test)).toEqual(new Array(10).fill(20));
    expect(train.labels.slice(0, 10)).not.toEqual(train.labels.slice(10, 20));
  });

  it("has the mean and deviation it says", () => {
    const { train, mean, std } = shapes({ train: 1000, test: 1 });
    const values = Array.from(pixelsOf(train), (pixel) => pixel / 255);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(Math.abs(average - mean[0]!)).toBeLessThan(0.02);
    expect(Math.abs(Math.sqrt(variance) - std[0]!)).toBeLessThan(0.02);
  });

  it.each([{ train: 0 }, { test: 1.5 }, { seed: -1 }, { seed: 2 ** 32 }])("refuses %o", (options) => {
    expect(() => shapes(options)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });
});
