import { describe, expect, it } from "vitest";
import { pixelsOf, splitOf } from "./dataset.ts";
import { limit } from "./subsets.ts";
import { batches, gatherImages, gatherLabels, normaliser } from "./loader.ts";
import { shapes } from "./shapes.ts";

// Two images of 2 channels, 1 x 2.
const split = splitOf({ pixels: Uint8Array.of(0, 255, 10, 20, 1, 2, 3, 4), labels: Uint8Array.of(7, 3) });
const shape = [2, 1, 2] as const;
const table = normaliser({ shape: [2, 1, 2], mean: [0, 1], std: [1, 0.5] });

describe("batches", () => {
  it("keeps the last short one", () => {
    expect(batches(300, 128)).toEqual([
      { from: 0, to: 128 },
      { from: 128, to: 256 },
      { from: 256, to: 300 },
    ]);
    expect(batches(50_000, 128)).toHaveLength(391);
    expect(batches(256, 128)).toHaveLength(2);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a batch size of %o", (size) => {
    expect(() => batches(10, size)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });
});

describe("normaliser", () => {
  // torch.tensor([0, 1, 77, 128, 254, 255]).float().div_(255).sub_(m).div_(s) of PyTorch 1.13, the tutorial's three m and s.
  it("rounds each step as PyTorch does", () => {
    const cifar = normaliser({ shape: [3, 32, 32], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    const bytes = [0, 1, 77, 128, 254, 255];
    const rows = [0, 1, 2].map((channel) => bytes.map((byte) => cifar[256 * channel + byte]!));
    expect(rows).toEqual(
      [
        [
          -2.1179039478302, -2.1007792949676514, -0.7992978692054749, 0.07406462728977203, 2.231783390045166,
          2.248908281326294,
        ],
        [
          -2.0357141494750977, -2.018207311630249, -0.6876749992370605, 0.20518219470977783, 2.4110641479492188,
          2.4285714626312256,
        ],
        [
          -1.804444432258606, -1.7870151996612549, -0.46239641308784485, 0.4264925718307495, 2.6225709915161133,
          2.640000104904175,
        ],
      ].map((row) => row.map(Math.fround)),
    );
  });

  it("refuses a mean without a number for each channel", () => {
    expect(() => normaliser({ shape: [3, 2, 2], mean: [0, 0], std: [1, 1, 1] })).toThrow(
      expect.objectContaining({ code: "SHAPE" }),
    );
  });
});

describe("gatherImages", () => {
  it("writes images and labels in the given order, channel by channel", () => {
    const out = new Float32Array(4);
    const labels = new Int32Array(2);
    gatherImages(split, shape, table, [0, 1, 0], { from: 1, to: 2 }, out);
    gatherLabels(split, [0, 1, 0], { from: 1, to: 3 }, labels);
    const minus = (byte: number): number => Math.fround((Math.fround(byte / 255) - 1) / 0.5);
    expect([...out]).toEqual([Math.fround(1 / 255), Math.fround(2 / 255), minus(3), minus(4)]);
    expect([...labels]).toEqual([3, 7]);
  });

  it("refuses an index that is no image, an order that is too short, and too little room", () => {
    const out = new Float32Array(4);
    const refusal = expect.objectContaining({ code: "ARGUMENT" });
    expect(() => gatherImages(split, shape, table, [2], { from: 0, to: 1 }, out)).toThrow(refusal);
    expect(() => gatherImages(split, shape, table, [0], { from: 1, to: 2 }, out)).toThrow(refusal);
    expect(() => gatherImages(split, shape, table, [0, 1], { from: 0, to: 2 }, out)).toThrow(refusal);
    expect(() => gatherLabels(split, [0, -1], { from: 0, to: 2 }, new Int32Array(2))).toThrow(refusal);
  });
});

describe("limit", () => {
  const whole = shapes({ train: 12, test: 5 });

  it("keeps the first images of both splits, and no more than there are", () => {
    const { train, test } = limit(whole, 7);
    expect([train.count, train.labels.length]).toEqual([7, 7]);
    expect(pixelsOf(train)).toEqual(pixelsOf(whole.train).slice(0, 7 * 3072));
    expect([test.count, test.labels.length]).toEqual([5, 5]);
  });

  it("keeps every class of images that are ordered by class, each with its image", () => {
    const order = [...whole.train.labels.keys()].sort((a, b) => whole.train.labels[a]! - whole.train.labels[b]!);
    const repeated = Array.from({ length: 1200 }, (_, i) => order[Math.floor(i / 100)]!);
    const train = {
      image: (i: number) => whole.train.image(repeated[i]!),
      labels: Uint8Array.from(repeated, (image) => whole.train.labels[image]!),
      count: 1200,
    };
    const { train: some } = limit({ ...whole, train }, 40);
    expect(new Set(some.labels)).toEqual(new Set(whole.train.labels));
    for (let i = 0; i < 40; i++) {
      const image = whole.train.labels.findIndex(
        (label, j) => label === some.labels[i] && `${whole.train.image(j)}` === `${some.image(i)}`,
      );
      expect(image).toBeGreaterThanOrEqual(0);
    }
  });

  it.each([0, -3, 2.5, Number.NaN])("refuses %o", (count) => {
    expect(() => limit(whole, count)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });
});

describe("splitOf", () => {
  it("has as many images as labels, and gives back its bytes", () => {
    expect(split.count).toBe(2);
    expect([...split.image(1)]).toEqual([1, 2, 3, 4]);
    expect([...pixelsOf(split)]).toEqual([0, 255, 10, 20, 1, 2, 3, 4]);
  });

  it("refuses bytes that do not fall into as many images", () => {
    expect(() => splitOf({ pixels: new Uint8Array(7), labels: new Uint8Array(2) })).toThrow(
      expect.objectContaining({ code: "SHAPE" }),
    );
  });
});
