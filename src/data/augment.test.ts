import { describe, expect, it } from "vitest";
import type { Border } from "../images/border.ts";
import { cutOut } from "../images/crop.ts";
import { shifted } from "../images/moves.ts";
import type { Picture } from "../images/picture.ts";
import { resize } from "../images/resize.ts";
import { augmentOptions, type AugmentInput } from "./augment-options.ts";
import { gatherViews, shiftOf, type ImageSource } from "./augment.ts";
import { splitOf } from "./dataset.ts";
import { gatherImages, normaliser } from "./loader.ts";
import golden from "./shift.golden.json" with { type: "json" };
import { batchMixing, cutMixing, mix, mixing } from "./mixup.ts";
import { shiftInto } from "./shift.ts";

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

/** What torchvision would give: `pad` pixels around, cut out at an offset, mirrored; then normalised. */
function cropped(
  image: number,
  padding: number,
  [top, left]: readonly [number, number],
  isFlipped: boolean,
  border: Border = "black",
) {
  const [, height, width] = shape;
  return Float32Array.from({ length: size }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / 30), Math.floor((i % 30) / 5), i % 5];
    const [row, column] = [y + top - padding, (isFlipped ? width - 1 - x : x) + left - padding];
    const isInside = row >= 0 && row < height && column >= 0 && column < width;
    const within = (place: number, side: number) => side - 1 - Math.abs(side - 1 - Math.abs(place));
    const at = (channel * height + within(row, height)) * width + within(column, width);
    const byte = isInside || border === "reflect" ? split.image(image)[at]! : 0;
    return table[256 * channel + byte]!;
  });
}

describe("views", () => {
  it("are the images themselves where nothing is asked for", () => {
    for (const [image, view] of views({}).entries()) expect(view).toEqual(plain(image));
  });

  it.each([
    [2, "black"],
    [7, "black"],
    [2, "reflect"],
    [4, "reflect"],
  ] as const)(
    "cropped with padding %i, border %s, and mirrored are some crop of the padded image, all offsets in turn",
    (padding, border) => {
      const seen = new Set<string>();
      for (let epoch = 1; epoch <= 400; epoch++) {
        const [view] = views({ crop: { padding, border }, flip: {} }, { epoch, order: [1] });
        let found = "";
        for (let offset = 0; offset < (2 * padding + 1) ** 2 * 2 && !found; offset++) {
          const [flipped, place] = [offset % 2 === 1, offset >> 1];
          const at = [Math.floor(place / (2 * padding + 1)), place % (2 * padding + 1)] as const;
          if (cropped(1, padding, at, flipped, border).every((value, i) => value === view![i]))
            found = `${at} ${flipped}`;
        }
        expect(found).not.toBe("");
        seen.add(found);
      }
      // Reflected by 2 of its 5 columns, a row reads the same from both ends.
      if (padding === 2) expect(seen.size).toBe(border === "black" ? 50 : 40);
    },
  );

  it("mirrored always are mirrored, never are not", () => {
    expect(views({ flip: { probability: 1 } })[2]).toEqual(cropped(2, 0, [0, 0], true));
    expect(views({ flip: { probability: 0 } })[2]).toEqual(plain(2));
  });

  it("that come again in an epoch are seen otherwise, as often as they do; sides in turn, in turn", () => {
    const augment = { ...augmentOptions.parse({ crop: {}, flip: { alternating: true } }), seed: 1 };
    const out = new Float32Array(4 * size);
    gatherViews(source, [1, 1, 1, 2], { from: 0, to: 4 }, augment, 1, out, [0, 1, 2, 0]);
    const seen = Array.from({ length: 4 }, (_, i) => out.slice(i * size, (i + 1) * size));
    expect(new Set(seen.map(String)).size).toBe(4);
    expect([seen[0], seen[3]]).toEqual(views({ crop: {}, flip: { alternating: true } }).slice(1));
    const sides = [0, 1, 2, 3].map((turn) => shiftOf(augment, 1, 1, turn).isFlipped);
    expect(sides).toEqual([sides[0], !sides[0], sides[0], !sides[0]]);
  });

  it("mirrored in turn are the other way round in each next epoch, about half of them in the first, cropped or not", () => {
    const sides = (epoch: number, given: AugmentInput = {}) =>
      Array.from(
        { length: 400 },
        (_, image) =>
          shiftOf({ ...augmentOptions.parse({ flip: { alternating: true }, ...given }), seed: 5 }, epoch, image)
            .isFlipped,
      );
    const first = sides(1);
    const mirrored = first.filter(Boolean).length;
    expect([mirrored > 160, mirrored < 240]).toEqual([true, true]);
    expect(sides(2)).toEqual(first.map((side) => !side));
    expect(sides(3, { crop: {} })).toEqual(first);
    const given = { flip: { alternating: true } };
    for (const epoch of [1, 2, 3]) {
      for (const [image, view] of views(given, { epoch }).entries()) {
        const { isFlipped } = shiftOf({ ...augmentOptions.parse(given), seed: 1 }, epoch, image);
        expect(view).toEqual(cropped(image, 0, [0, 0], isFlipped));
      }
    }
  });

  it("shifted have PyTorch's pixels around the edge, bytes and normalised ones", () => {
    for (const { height, width, shift, result } of golden.cases) {
      const pixels = Uint8Array.from({ length: height * width }, (_, i) => i);
      const by = { ...shift, border: shift.border as Border };
      const out = new Float32Array(pixels.length);
      shiftInto(
        pixels,
        [1, height, width],
        Float32Array.from({ length: 256 }, (_, i) => i),
        by,
        out,
      );
      expect([...out], JSON.stringify(by)).toEqual(result);
      expect([...shifted({ channels: 1, height, width, pixels }, by).pixels], JSON.stringify(by)).toEqual(result);
    }
  });

  it("cannot be reflected as far as the image is wide", () => {
    expect(() => views({ crop: { padding: 5 } })).toThrow(
      /^augment: a reflected border should be narrower than the image, 5 x 6 pixels, got crop.padding=5; /,
    );
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
    const given = { crop: { padding: 3 }, flip: {}, cutout: { size: 2 } };
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

describe("cut out anew and in other colours", () => {
  const byte = (values: Float32Array, i: number) => Math.round((values[i]! * 0.5 + 0.1) * 255);
  const one = (picture: Picture, given: AugmentInput, epoch: number): Uint8Array => {
    const { channels, height, width, pixels } = picture;
    const shape = [channels, 6, 6] as const;
    const table = normaliser({ shape, mean: Array(channels).fill(0.1), std: Array(channels).fill(0.5) });
    const own = {
      image: () => (height === 6 && width === 6 ? pixels : new Uint8Array(channels * 36)),
      stored: () => picture,
      labels: Uint8Array.of(0),
      count: 1,
    };
    const out = new Float32Array(channels * 36);
    const range = { from: 0, to: 1 };
    gatherViews({ split: own, shape, table }, [0], range, { ...augmentOptions.parse(given), seed: 4 }, epoch, out);
    return Uint8Array.from(out, (_, i) => byte(out, i));
  };
  const large: Picture = {
    channels: 3,
    height: 12,
    width: 9,
    pixels: Uint8Array.from({ length: 324 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24),
  };
  const square: Picture = { channels: 3, height: 6, width: 6, pixels: large.pixels.slice(0, 108) };

  it("a part of random size and shape, resized, of the larger picture where there is one", () => {
    const range = { minScale: 0.2, maxScale: 0.6, minRatio: 0.5, maxRatio: 2 };
    const seen = new Set<string>();
    for (let epoch = 1; epoch <= 60; epoch++) {
      const view = one(large, { resizedCrop: range }, epoch).join();
      let found = "";
      for (let width = 1; width <= 9 && !found; width++) {
        for (let height = 1; height <= 12 && !found; height++) {
          const [area, ratio] = [(width * height) / 108, width / height];
          // Sides are rounded, so the bounds are a little wider.
          if (area < 0.1 || area > 0.75 || ratio < 0.4 || ratio > 2.5) continue;
          for (let left = 0; left <= 9 - width && !found; left++) {
            for (let top = 0; top <= 12 - height && !found; top++) {
              const part = resize(cutOut(large, { left, top, width, height }), { width: 6, height: 6 });
              if (part.pixels.join() === view) found = `${width} x ${height} from ${left}, ${top}`;
            }
          }
        }
      }
      expect(found).not.toBe("");
      seen.add(found);
    }
    expect(seen.size).toBeGreaterThan(40);
  });

  it("all of an image where nothing else is allowed, and the middle of one that is too long", () => {
    expect(one(square, { resizedCrop: { minScale: 1, minRatio: 1, maxRatio: 1 } }, 1)).toEqual(square.pixels);
    const middle = resize(cutOut(large, { left: 0, top: 3, width: 9, height: 6 }), { width: 6, height: 6 });
    expect(one(large, { resizedCrop: { minScale: 1, minRatio: 1.5, maxRatio: 1.6 } }, 1)).toEqual(middle.pixels);
  });

  it("brighter or darker by a factor within its range, the colours' order kept; nothing where nothing may change", () => {
    const still = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };
    expect(one(square, { colourJitter: still }, 1)).toEqual(square.pixels);
    const factors = new Set<number>();
    for (let epoch = 1; epoch <= 40; epoch++) {
      const view = one(square, { colourJitter: { ...still, brightness: 0.3 } }, epoch);
      const brightest = square.pixels.findIndex((value) => value >= 100 && value < 190);
      const factor = view[brightest]! / square.pixels[brightest]!;
      expect(factor).toBeGreaterThan(0.69);
      expect(factor).toBeLessThan(1.31);
      factors.add(Math.round(factor * 20));
    }
    expect(factors.size).toBeGreaterThan(6);
    const all = new Set(
      Array.from({ length: 20 }, (_, epoch) => one(square, { colourJitter: { hue: 0.1 } }, epoch).join()),
    );
    expect(all.size).toBe(20);
  });

  it("is no matter of images that are neither grey nor coloured", () => {
    expect(() => views({ colourJitter: {} })).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
    const grey = { ...square, channels: 1, pixels: square.pixels.slice(0, 36) };
    expect(one(grey, { colourJitter: { saturation: 1, hue: 0.5, brightness: 0, contrast: 0 } }, 1)).toEqual(
      grey.pixels,
    );
  });

  it("a rectangle is erased as often as asked, the rest of the view as it was", () => {
    let erased = 0;
    for (let epoch = 1; epoch <= 200; epoch++) {
      const given = { crop: { padding: 3 }, flip: {}, cutout: { size: 2 } };
      const [view] = views({ ...given, erasing: { probability: 0.5 } }, { epoch, order: [2] });
      const [before] = views(given, { epoch, order: [2] });
      const changed = [...view!.entries()].filter(([i, value]) => value !== before![i]);
      expect(changed.every(([, value]) => value === 0)).toBe(true);
      if (changed.length > 0) erased++;
    }
    expect(erased).toBeGreaterThan(75);
    expect(erased).toBeLessThan(120);
    expect(views({ erasing: { probability: 0 } })[1]).toEqual(plain(1));
  });
});

describe("CutMix", () => {
  const size = { width: 5, height: 4 };

  it("puts a rectangle of the partner into each image, whose share is what is left of it", () => {
    for (let batch = 0; batch < 100; batch++) {
      const mixed = cutMixing(1, 5, 1, batch, 3, size);
      const images = Float32Array.from({ length: 3 * 40 }, (_, i) => i);
      mix(images, mixed, 40, new Float32Array(120));
      for (let i = 0; i < 3; i++) {
        const own = images.subarray(40 * i, 40 * i + 40);
        const other = [...own.entries()].filter(([at, value]) => value === 40 * mixed.partners[i]! + at);
        const count = [...own.entries()].filter(([at, value]) => value === 40 * i + at).length;
        expect(other.length + (mixed.partners[i] === i ? 0 : count)).toBe(40);
        if (mixed.partners[i] !== i) expect(mixed.share).toBeCloseTo(count / 40, 6);
      }
    }
  });

  it("goes with Mixup by a coin for each batch", () => {
    const both = { mixup: { alpha: 1 }, cutmix: { alpha: 1 }, seed: 2 };
    const kinds = Array.from({ length: 200 }, (_, batch) => batchMixing(both, 1, batch, 4, size)!.part !== undefined);
    const cut = kinds.filter(Boolean).length;
    expect([cut > 70, cut < 130]).toEqual([true, true]);
    expect(batchMixing({ ...both, cutmix: undefined }, 1, 3, 4, size)).toEqual(mixing(1, 2, 1, 3, 4));
    expect(batchMixing({ ...both, mixup: undefined }, 1, 3, 4, size)).toEqual(cutMixing(1, 2, 1, 3, 4, size));
    expect(batchMixing({ seed: 2 }, 1, 3, 4, size)).toBe(undefined);
    expect(() => cutMixing(0, 1, 1, 1, 1, size)).toThrow(/cutMixing: alpha should be/);
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

it("options have defaults, and unknown ones are refused with their path", () => {
  expect(augmentOptions.parse({ crop: {}, flip: {}, cutout: {}, mixup: {} })).toEqual({
    crop: { padding: 4, border: "reflect" },
    flip: { probability: 0.5, alternating: false },
    cutout: { size: 16 },
    mixup: { alpha: 1 },
  });
  expect(augmentOptions.parse({ resizedCrop: {}, colourJitter: {}, erasing: {}, cutmix: {} })).toEqual({
    resizedCrop: { minScale: 0.08, maxScale: 1, minRatio: 3 / 4, maxRatio: 4 / 3 },
    colourJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0 },
    erasing: { probability: 0.25, minScale: 0.02, maxScale: 0.33, minRatio: 0.3, maxRatio: 3.3 },
    cutmix: { alpha: 1 },
  });
  const ranges = augmentOptions.safeParse({ resizedCrop: { minScale: 0.5, maxScale: 0.4 }, erasing: { minRatio: 5 } });
  expect(ranges.error!.issues.map(({ path }) => path.join("."))).toEqual(["resizedCrop.maxScale", "erasing.maxRatio"]);
  const { error } = augmentOptions.safeParse({ crop: { pading: 2 }, mixup: { alpha: 0 } });
  expect(error!.issues.map(({ path }) => path.join("."))).toEqual(["crop", "mixup.alpha"]);
});
