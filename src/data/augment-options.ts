/** @file The ways in which training images are varied, as options. */
import { z } from "zod";
import { alphaRange } from "./mixup.ts";
import type { AreaRange } from "./random-area.ts";

const share = z.number().positive().max(1);
const ratio = z.number().min(0.01).max(100);
const resizedCropOptions = z
  .strictObject({
    minScale: share.default(0.08).describe("the smallest part of the area that is cut out"),
    maxScale: share.default(1).describe("the largest"),
    minRatio: ratio.default(3 / 4).describe("width over height, at least"),
    maxRatio: ratio.default(4 / 3).describe("width over height, at most"),
  })
  .check(checkRanges);
const colourJitterOptions = z.strictObject({
  brightness: z.number().min(0).max(2).default(0.4).describe("how far the factor of brightness may be from 1"),
  contrast: z.number().min(0).max(2).default(0.4).describe("the same of contrast"),
  saturation: z.number().min(0).max(2).default(0.4).describe("the same of saturation"),
  hue: z.number().min(0).max(0.5).default(0).describe("how far hues may be turned, in turns"),
});
const crop = z.strictObject({
  padding: z.int().positive().default(4).describe("pixels put around an image before a part of its size is cut out"),
  border: z
    .enum(["reflect", "black"])
    .default("reflect")
    .describe("these pixels: the image reflected at its edge, as PyTorch's padding of that name, or black"),
});
const flip = z.strictObject({
  probability: z.number().min(0).max(1).default(0.5).describe("how often an image is mirrored, left to right"),
  alternating: z
    .boolean()
    .default(false)
    .describe(
      "so often in the first epoch, and from then on every image the other way round in each next one (Jordan 2024)",
    ),
});
const cutout = z.strictObject({
  size: z.int().positive().default(16).describe("side of the covered square in pixels; it may reach over the edge"),
});
const erasing = z
  .strictObject({
    probability: z.number().min(0).max(1).default(0.25).describe("how often a part is covered"),
    minScale: share.default(0.02).describe("the smallest part of the area that is covered"),
    maxScale: share.default(0.33).describe("the largest"),
    minRatio: ratio.default(0.3).describe("width over height, at least"),
    maxRatio: ratio.default(3.3).describe("width over height, at most"),
  })
  .check(checkRanges);
const alpha = z.number().min(alphaRange.least).max(alphaRange.most).default(1);
const mixup = z.strictObject({ alpha: alpha.describe("both parameters of the beta distribution of the shares") });
const cutmix = z.strictObject({ alpha: alpha.describe("the same of the shares of the area") });

/** What is done to training images, in this order; what is not named is not done. */
export const augmentOptions = z.strictObject({
  resizedCrop: resizedCropOptions
    .optional()
    .describe("cut out a part of random size and shape, resized to the image's (Szegedy et al. 2014)"),
  colourJitter: colourJitterOptions.optional().describe("change brightness, contrast, saturation and hue at random"),
  crop: crop.optional().describe("cut out at a random place after adding a border"),
  flip: flip.optional().describe("mirror at random, or in every second epoch"),
  cutout: cutout.optional().describe("cover a square with the mean colour (DeVries, Taylor 2017)"),
  erasing: erasing
    .optional()
    .describe("cover a rectangle of random size and shape with the mean colour (Zhong et al. 2017)"),
  mixup: mixup.optional().describe("average each image with another of its batch (Zhang et al. 2018)"),
  cutmix: cutmix
    .optional()
    .describe(
      "put a rectangle of another image of the batch into each (Yun et al. 2019); with mixup, one of the two by batch",
    ),
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
