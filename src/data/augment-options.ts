/** @file The ways in which training images are varied, as options. */
import * as z from "zod/mini";
import { alphaRange } from "./mixup.ts";
import type { AreaRange } from "./random-area.ts";

const share = z.number().check(z.positive(), z.lte(1));
const ratio = z.number().check(z.gte(0.01), z.lte(100));
const resizedCropOptions = z
  .strictObject({
    /** The smallest part of the area that is cut out. */
    minScale: z._default(share, 0.08),
    /** The largest. */
    maxScale: z._default(share, 1),
    /** Width over height, at least. */
    minRatio: z._default(ratio, 3 / 4),
    /** Width over height, at most. */
    maxRatio: z._default(ratio, 4 / 3),
  })
  .check(checkRanges);
const colourJitterOptions = z.strictObject({
  /** How far the factor of brightness may be from 1. */
  brightness: z._default(z.number().check(z.gte(0), z.lte(2)), 0.4),
  /** The same of contrast. */
  contrast: z._default(z.number().check(z.gte(0), z.lte(2)), 0.4),
  /** The same of saturation. */
  saturation: z._default(z.number().check(z.gte(0), z.lte(2)), 0.4),
  /** How far hues may be turned, in turns. */
  hue: z._default(z.number().check(z.gte(0), z.lte(0.5)), 0),
});
const crop = z.strictObject({
  /** Pixels put around an image before a part of its size is cut out. */
  padding: z._default(z.int().check(z.positive()), 4),
  /** These pixels: the image reflected at its edge, as PyTorch's padding of that name, or black. */
  border: z._default(z.enum(["reflect", "black"]), "reflect"),
});
const flip = z.strictObject({
  /** How often an image is mirrored, left to right. */
  probability: z._default(z.number().check(z.gte(0), z.lte(1)), 0.5),
  /** So often in the first epoch, and from then on every image the other way round in each next one (Jordan 2024). */
  alternating: z._default(z.boolean(), false),
});
const cutout = z.strictObject({
  /** Side of the covered square in pixels; it may reach over the edge. */
  size: z._default(z.int().check(z.positive()), 16),
});
const erasing = z
  .strictObject({
    /** How often a part is covered. */
    probability: z._default(z.number().check(z.gte(0), z.lte(1)), 0.25),
    /** The smallest part of the area that is covered. */
    minScale: z._default(share, 0.02),
    /** The largest. */
    maxScale: z._default(share, 0.33),
    /** Width over height, at least. */
    minRatio: z._default(ratio, 0.3),
    /** Width over height, at most. */
    maxRatio: z._default(ratio, 3.3),
  })
  .check(checkRanges);
const alpha = z._default(z.number().check(z.gte(alphaRange.least), z.lte(alphaRange.most)), 1);
const mixup = z.strictObject({
  /** Both parameters of the beta distribution of the shares. */
  alpha,
});
const cutmix = z.strictObject({
  /** The same of the shares of the area. */
  alpha,
});

/** What is done to training images, in this order; what is not named is not done. */
export const augmentOptions = z.strictObject({
  /** Cut out a part of random size and shape, resized to the image's (Szegedy et al. 2014). */
  resizedCrop: z.optional(resizedCropOptions),
  /** Change brightness, contrast, saturation and hue at random. */
  colourJitter: z.optional(colourJitterOptions),
  /** Cut out at a random place after adding a border. */
  crop: z.optional(crop),
  /** Mirror at random, or in every second epoch. */
  flip: z.optional(flip),
  /** Cover a square with the mean colour (DeVries, Taylor 2017). */
  cutout: z.optional(cutout),
  /** Cover a rectangle of random size and shape with the mean colour (Zhong et al. 2017). */
  erasing: z.optional(erasing),
  /** Average each image with another of its batch (Zhang et al. 2018). */
  mixup: z.optional(mixup),
  /** Put a rectangle of another image of the batch into each (Yun et al. 2019); with mixup, one of the two by batch. */
  cutmix: z.optional(cutmix),
});

export type AugmentInput = z.input<typeof augmentOptions>;
export type AugmentOptions = z.output<typeof augmentOptions>;

/** Options with the seed that views are drawn from. */
export interface Augment extends AugmentOptions {
  readonly seed: number;
}

/** Throws nothing: notes ranges that end before they begin. */
function checkRanges({ value, issues }: { readonly value: AreaRange; readonly issues: z.core.$ZodRawIssue[] }): void {
  const ranges = { Scale: [value.minScale, value.maxScale], Ratio: [value.minRatio, value.maxRatio] } as const;
  for (const [name, [least, most]] of Object.entries(ranges)) {
    if (least <= most) continue;
    const message = `should not be below min${name}, ${least}`;
    issues.push({ code: "custom", message, path: [`max${name}`], input: most });
  }
}
