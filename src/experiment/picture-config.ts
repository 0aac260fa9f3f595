/** @file The part of a configuration that says how pictures in files become images. Data sets of the table have none of it. */
import * as z from "zod/mini";
import { datasets } from "../data/index.ts";
import { isModulePath } from "./names.ts";

const numbers = z.optional(z.array(z.number()));

/** Keys of every command that trains. */
export const pictureSchema = {
  /** Side of the images in pixels (default: a teacher's, else the pictures' own, if they are square, all of one size and at most 64; else 64). */
  size: z.optional(z.int().check(z.positive(), z.lte(4096))),
  /** 3 for colour, 1 for grey (default: 3). */
  channels: z.optional(z.union([z.literal(1), z.literal(3)])),
  /** Share of the pictures held out for the test, where they have no such part (default: 20%). */
  test: z.optional(share()),
  /** Leave out pictures that cannot be read. */
  skipBroken: z.optional(z.boolean()),
  /** Turn pictures as the camera was held, by their EXIF data (default: true). */
  exif: z.optional(z.boolean()),
  /** Take all pictures without classes, whatever folders they lie in. */
  unlabelled: z.optional(z.boolean()),
  /** Of each channel, on pixels / 255 (default: a teacher's, else that of the training pictures). */
  mean: numbers,
  /** Standard deviation of each channel (default: that of the training pictures). */
  std: numbers,
};

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

/** Whether a configuration's data set is a name of the table, whose images are what they are; else it is a path. */
export function isInTable(dataset: string): boolean {
  return Object.hasOwn(datasets, dataset);
}

/** Whether it is the path of pictures: neither a name of the table nor a module, whose images are what they are too. */
export function isPictures(dataset: string): boolean {
  return !isInTable(dataset) && !isModulePath(dataset);
}

type Pictures = { readonly [Key in keyof typeof pictureSchema]?: unknown } & { readonly dataset?: unknown };

/** Reports settings of pictures beside a data set that has none, and a mean without a deviation. */
export function checkPictures({ value, issues }: z.core.ParsePayload<Pictures>): void {
  const issue = (key: string, message: string): void => {
    issues.push({ code: "custom", path: [key], message, input: value });
  };
  const { dataset, mean, std, channels = 3 } = value;
  if (typeof dataset === "string" && !isPictures(dataset)) {
    for (const key of Object.keys(pictureSchema)) {
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
