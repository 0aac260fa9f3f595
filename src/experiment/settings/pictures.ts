/** @file How pictures in files become images. Data sets of the table have none of it. */
import * as z from "zod/mini";
import type { Settings } from "./setting.ts";
import { appendTo, decimals, share as shareText, whole } from "./values.ts";

const group = "Pictures";
const numbers = z.optional(z.array(z.number()));

export const pictureSettings = {
  size: {
    schema: z.optional(z.int().check(z.positive(), z.lte(4096))),
    group,
    help: "side of the images in pixels",
    byDefault: "a teacher's; the pictures' own, if they are square, of one size and at most 64; else 64",
    flags: [{ usage: "--size <n>", parse: whole(1, 4096) }],
  },
  channels: {
    schema: z.optional(z.union([z.literal(1), z.literal(3)])),
    group,
    help: "3 for colour, 1 for grey",
    byDefault: "3",
    flags: [{ usage: "--channels <n>", parse: whole(1, 3) }],
  },
  test: {
    schema: z.optional(share()),
    group,
    help: "share held out for the test, where there is no such folder or split",
    byDefault: "20%",
    flags: [{ usage: "--test <p%>", parse: shareText }],
  },
  skipBroken: {
    schema: z.optional(z.boolean()),
    group,
    help: "leave out pictures that cannot be read",
    flags: [{ usage: "--skip-broken" }],
  },
  exif: {
    schema: z.optional(z.boolean()),
    group,
    help: "turn pictures as the camera was held, by their EXIF data",
    byDefault: "true",
    flags: [
      {
        usage: "--no-exif",
        value: false,
        help: "leave pictures as the sensor saw them, however the camera was held",
      },
    ],
  },
  unlabelled: {
    schema: z.optional(z.boolean()),
    group,
    help: "take all pictures without classes, whatever folders they lie in",
    flags: [{ usage: "--unlabelled" }],
  },
  mean: {
    schema: numbers,
    group,
    help: "mean of each channel, on pixels / 255: 0.5,0.4,0.4",
    byDefault: "a teacher's, else the training pictures'",
    flags: [{ usage: "--mean <numbers>", parse: decimals, join: appendTo }],
  },
  std: {
    schema: numbers,
    group,
    help: "standard deviation of each channel",
    byDefault: "a teacher's, else the training pictures'",
    flags: [{ usage: "--std <numbers>", parse: decimals, join: appendTo }],
  },
} as const satisfies Settings;

/** A share as people write it, `20%`: above 0, below 100. */
export function share(): z.ZodMiniType<string, string> {
  return z.string().check(
    z.regex(/^\d+(\.\d+)?%$/, "expected a share such as 20%"),
    z.refine((text) => shareOf(text) > 0 && shareOf(text) < 1, "expected a share above 0% and below 100%"),
  );
}

/** `20%` is 0.2. */
export function shareOf(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}
