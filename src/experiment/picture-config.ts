/** @file Whether settings of pictures fit the data set, and each other. */
import type * as z from "zod/mini";
import { datasets } from "../data/index.ts";
import { isModulePath } from "./names.ts";
import { pictureSettings } from "./settings/pictures.ts";

/** Whether a configuration's data set is a name of the table, whose images are what they are; else it is a path. */
export function isInTable(dataset: string): boolean {
  return Object.hasOwn(datasets, dataset);
}

/** Whether it is the path of pictures: neither a name of the table nor a module, whose images are what they are too. */
export function isPictures(dataset: string): boolean {
  return !isInTable(dataset) && !isModulePath(dataset);
}

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
