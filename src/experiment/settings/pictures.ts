/** @file How pictures in files become images. Data sets of the table have none of it. */
import * as z from "zod/mini";
import type { Settings } from "./setting.ts";
import { appendTo, aShare, decimals, share, whole } from "./values.ts";
import { isPictures } from "./values.ts";

const group = "Images";
const numbers = z.optional(z.array(z.number()));

export const pictureSettings = {
  size: {
    schema: z.optional(z.int().check(z.positive(), z.lte(4096))),
    group,
    help: "image side in pixels",
    details: "automatic is the teacher's; else the pictures' own if square, of one size and at most 64; else 64",
    byDefault: "automatic",
    flags: [{ usage: "--size <n>", parse: whole(1, 4096), isCommon: true }],
  },
  channels: {
    schema: z.optional(z.union([z.literal(1), z.literal(3)])),
    group,
    help: "3 for colour, 1 for greyscale",
    byDefault: "3",
    flags: [{ usage: "--channels <n>", parse: whole(1, 3) }],
  },
  test: {
    schema: z.optional(aShare()),
    group,
    help: "share of the pictures held out for the test",
    details: "used if there is no test folder or split",
    byDefault: "20%",
    flags: [{ usage: "--test <p%>", parse: share }],
  },
  skipBroken: {
    schema: z.optional(z.boolean()),
    group,
    help: "skip pictures that cannot be read",
    flags: [{ usage: "--skip-broken" }],
  },
  exif: {
    schema: z.optional(z.boolean()),
    group,
    help: "rotate pictures by their EXIF orientation",
    byDefault: "true",
    flags: [
      {
        usage: "--no-exif",
        value: false,
        help: "ignore the EXIF orientation of pictures",
      },
    ],
  },
  unlabelled: {
    schema: z.optional(z.boolean()),
    group,
    help: "ignore class folders: all pictures are unlabelled",
    flags: [{ usage: "--unlabelled" }],
  },
  mean: {
    schema: numbers,
    group,
    help: "mean of each channel, for pixels / 255: 0.5,0.4,0.4",
    byDefault: "the teacher's, or the training pictures'",
    flags: [{ usage: "--mean <numbers>", parse: decimals, join: appendTo }],
  },
  std: {
    schema: numbers,
    group,
    help: "standard deviation of each channel, likewise",
    byDefault: "the teacher's, or the training pictures'",
    flags: [{ usage: "--std <numbers>", parse: decimals, join: appendTo }],
  },
} as const satisfies Settings;

type Pictures = { readonly [Key in keyof typeof pictureSettings]?: unknown } & { readonly dataset?: unknown };

/** Reports settings of pictures beside a data set that has none, and a mean without a deviation. */
export function checkPictures({ value, issues }: z.core.ParsePayload<Pictures>): void {
  const issue = (key: string, message: string): void => {
    issues.push({ code: "custom", path: [key], message, input: value });
  };
  const { dataset, mean, std, channels = 3 } = value;
  if (typeof dataset === "string" && !isPictures(dataset)) {
    for (const key of Object.keys(pictureSettings)) {
      if (value[key as keyof Pictures] !== undefined)
        issue(key, `it is for pictures in files; ${dataset} has images of its own, give a folder as the data set`);
    }
    return;
  }
  for (const [key, list] of Object.entries({ mean, std })) {
    if (Array.isArray(list) && list.length !== channels)
      issue(key, `expected one number a channel, ${String(channels)}, got ${list.length}`);
  }
  if ((mean === undefined) !== (std === undefined))
    issue(mean === undefined ? "mean" : "std", "give both mean and std, or none");
  if (Array.isArray(std) && std.some((each) => !(each > 0))) issue("std", "expected numbers above 0");
}
