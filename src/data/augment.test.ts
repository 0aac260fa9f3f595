import { describe, expect, it } from "vitest";
import { augmentOptions, gatherViews, type AugmentInput, type ImageSource } from "./augment.ts";
import { splitOf } from "./dataset.ts";
import { gatherImages, normaliser } from "./loader.ts";
import { mix, mixing } from "./mixup.ts";

const shape = [2, 6, 5] as const;
const size = 60;
// Every pixel of an image is another byte from 1 on, so that a view tells where it came from.
const split = splitOf({
  pixels: Uint8Array.from({ length: 3 * size }, (_, i) => 1 + i),
  labels: Uint8Array.of(0, 1, 2),
});
const table = normaliser({ shape: [2, 6, 5], mean: [0.1, 0.3], std: [0.5, 0.25] });
const source: ImageSource = { split, shape, table };

function views(given: AugmentInput, { seed = 1, epoch = 1, order = [0, 1, 2], from = 0, to = 0 } = {}) {
  const end = to || order.length;
  const out = new Float32Array((end - from) * size);
  gatherViews(source, order, { from, to: end }, { ...augmentOptions.parse(given), seed }, epoch, out);
  return Array.from({ length: end - from }, (_, i) => out.slice(i * size, (i + 1) * size));
}

function plain(image: number): Float32Array {
  const out = new Float32Array(size);
  gatherImages(split, shape, table, [image], { from: 0, to: 1 }, out);
  return out;
}

/** What torchvision would give: `pad` black pixels around, cut out at an offset, mirrored; then normalised. */
function cropped(image: number, padding: number, [top, left]: readonly [number, number], isFlipped: boolean) {
  const [, height, width] = shape;
  return Float32Array.from({ length: size }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / 30), Math.floor((i % 30) / 5), i % 5];
    const [row, column] = [y + top - padding, (isFlipped ? width - 1 - x : x) + left - padding];
    const isInside = row >= 0 && row < height && column >= 0 && column < width;
    const byte = isInside ? split.image(image)[(channel * height + row) * width + column]! : 0;
    return table[256 * channel + byte]!;
  });
}

describe("views", () => {
  it("are the images themselves where nothing is asked for", () => {
    for (const [image, view] of views({}).entries()) expect(view).toEqual(plain(image));
  });

  it.each([2, 7])(
    "cropped with padding %i and mirrored are some crop of the padded image, all offsets in turn",
    (padding) => {
      const seen = new Set<string>();
      for (let epoch = 1; epoch <= 400; epoch++) {
        const [view] = views({ crop: { padding }, flip: {} }, { epoch, order: [1] });
        let found = "";
        for (let offset = 0; offset < (2 * padding + 1) ** 2 * 2 && !found; offset++) {
          const [flipped, place] = [offset % 2 === 1, offset >> 1];
          const at = [Math.floor(place / (2 * padding + 1)), place % (2 * padding + 1)] as const;
          if (cropped(1, padding, at, flipped).every((value, i) => value === view![i])) found = `${at} ${flipped}`;
        }
        expect(found).not.toBe("");
        seen.add(found);
      }
      if (padding === 2) expect(seen.size).toBe(50);
    },
  );

  it("mirrored always are mirrored, never are not", () => {
    expect(views({ flip: { probability: 1 } })[2]).toEqual(cropped(2, 0, [0, 0], true));
    expect(views({ flip: { probability: 0 } })[2]).toEqual(plain(2));
  });

  it("covered have zeros in one square around a pixel, in every channel, and nowhere else", () => {
    for (let epoch = 1; epoch < 50; epoch++) {
      const [view] = views({ cutout: { size: 4 } }, { epoch, order: [2] });
      const covered = [...view!.entries()].filter(([i, value]) => value !== plain(2)[i]);
      for (const [, value] of covered) expect(value).toBe(0);
      const [rows, columns] = [covered.map(([i]) => Math.floor((i % 30) / 5)), covered.map(([i]) => i % 5)];
      const [height, width] = [rows, columns].map((places) => Math.max(...places) - Math.min(...places) + 1);
      expect(covered).toHaveLength(2 * height! * width!);
      expect(Math.min(height!, width!)).toBeGreaterThanOrEqual(2);
      expect(Math.max(height!, width!)).toBeLessThanOrEqual(4);
    }
  });

  it("depend on the seed, the epoch and the image alone", () => {
    const given = { crop: {}, flip: {}, cutout: { size: 2 } };
    const all = views(given);
    expect(views(given, { order: [2, 0, 1, 2], from: 1, to: 3 })).toEqual([all[0], all[1]]);
    expect(views(given, { epoch: 2 })).not.toEqual(all);
    expect(views(given, { seed: 2 })).not.toEqual(all);
  });

  it("refuse what gatherImages refuses", () => {
    expect(() => views({}, { order: [3] })).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
    const little = () => gatherViews(source, [0], { from: 0, to: 1 }, { seed: 1 }, 1, new Float32Array(size - 1));
    expect(little).toThrow(/gatherViews: out should hold at least 60 numbers, got 59/);
  });
});

describe("mixup", () => {
  it("averages each image with its partner", () => {
    const images = Float32Array.of(1, 2, 10, 20, 100, 200);
    mix(images, { share: 0.75, partners: [2, 0, 1] }, 2, new Float32Array(6));
    expect([...images]).toEqual([25.75, 51.5, 7.75, 15.5, 77.5, 155]);
  });

  it("draws shares of the beta distribution, mean 1/2 and variance 1 / (8 α + 4), and partners in random order", () => {
    for (const alpha of [0.2, 1, 3]) {
      const shares = Array.from({ length: 4000 }, (_, batch) => mixing(alpha, 5, 1, batch, 3).share);
      const mean = shares.reduce((sum, share) => sum + share) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.025);
      expect(variance / (1 / (8 * alpha + 4))).toBeCloseTo(1, 0.9);
    }
    const partners = new Set(Array.from({ length: 100 }, (_, batch) => mixing(1, 5, 1, batch, 3).partners.join("")));
    expect(partners.size).toBe(6);
  });

  it("depends on the seed, the epoch and the batch", () => {
    expect(mixing(1, 5, 2, 3, 4)).toEqual(mixing(1, 5, 2, 3, 4));
    const others = [mixing(1, 6, 2, 3, 4), mixing(1, 5, 3, 3, 4), mixing(1, 5, 2, 4, 4)];
    for (const other of others) expect(other.share).not.toBe(mixing(1, 5, 2, 3, 4).share);
  });
});

it("options are described, have defaults, and unknown ones are refused with their path", () => {
  for (const option of Object.values(augmentOptions.shape)) expect(option.description).toBeTruthy();
  expect(augmentOptions.parse({ crop: {}, flip: {}, cutout: {}, mixup: {} })).toEqual({
    crop: { padding: 4 },
    flip: { probability: 0.5 },
    cutout: { size: 16 },
    mixup: { alpha: 1 },
  });
  const { error } = augmentOptions.safeParse({ crop: { pading: 2 }, mixup: { alpha: 0 } });
  expect(error!.issues.map(({ path }) => path.join("."))).toEqual(["crop", "mixup.alpha"]);
});
