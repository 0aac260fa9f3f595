/** @file Whether settings of pictures fit the data set, and each other. */
import type * as z from "zod/mini";
import { isPictures } from "./names.ts";
import { pictureSettings } from "./settings/pictures.ts";

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
