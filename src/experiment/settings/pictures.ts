/** @file How pictures in files become images. Data sets of the table have none of it. */
import * as z from "zod/mini";
import type { Settings } from "./setting.ts";
import { appendTo, aShare, decimals, share, whole } from "./values.ts";
import { isPictures } from "./values.ts";

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
    schema: z.optional(aShare()),
    group,
    help: "share held out for the test, where there is no such folder or split",
    byDefault: "20%",
    flags: [{ usage: "--test <p%>", parse: share }],
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
