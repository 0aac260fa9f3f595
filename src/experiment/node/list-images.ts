/** @file Writes the list of a training's images, in order, to compute a teacher's logits outside Limbeck. */
import { resolve } from "node:path";
import type { Split } from "../../data/dataset.ts";
import { imagesFingerprint } from "../../data/fingerprint.ts";
import { isHubName } from "../../data/hub-name.ts";
import { LimbeckError } from "../../errors.ts";
import type { SplitName } from "../../teachers/index.ts";
import { isPictures } from "../settings/values.ts";
import { loadData, withPictures, type LoadDataOptions } from "./load-data.ts";
import { parseWithModules } from "./resolve-config.ts";

/** Pictures of one use: what a file of logits has to say in its metadata, and each one's path and class, if it has one. */
export interface ListedSplit {
  readonly fingerprint: string;
  readonly images: readonly { readonly path: string; readonly class?: string | undefined }[];
}

/** Everything that is trained and tested with. */
export interface ImageList {
  /** Where paths begin. */
  readonly source: string;
  readonly classes: readonly string[];
  readonly splits: Readonly<Partial<Record<SplitName, ListedSplit>>>;
}

/** Settings that say which pictures are taken for what. */
const dataKeys = [
  "dataset",
  "limit",
  "validation",
  "seed",
  "size",
  "channels",
  "test",
  "skipBroken",
  "exif",
  "unlabelled",
] as const;

/** The pictures that a training with these settings has. Throws CONFIG, ARGUMENT for a data set of the table, and as the pictures' reader. */
export async function listImages(
  input: Readonly<Record<string, unknown>>,
  options: LoadDataOptions,
): Promise<ImageList & { readonly notes: readonly string[] }> {
  const settings = Object.fromEntries(dataKeys.flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]])));
  const { config: parsed, own } = await parseWithModules("train", settings);
  const config = await withPictures(parsed, options);
  if (!isPictures(config.dataset)) {
    throw new LimbeckError(
      "ARGUMENT",
      `only pictures in files are listed; the images of ${config.dataset} are in the order that it has`,
    );
  }
  const { dataset, notes } = await loadData(config, options, own);
  const { classes } = dataset;
  const listed = async (which: SplitName): Promise<readonly [SplitName, ListedSplit][]> => {
    const split = dataset[which];
    return split
      ? [[which, { fingerprint: await imagesFingerprint(dataset, which), images: imagesOf(split, classes) }]]
      : [];
  };
  const splits = await Promise.all((["train", "validation", "test"] as const).map(listed));
  return {
    source: isHubName(config.dataset) ? config.dataset : resolve(config.dataset),
    classes,
    splits: Object.fromEntries(splits.flat()),
    notes,
  };
}

function imagesOf({ originals, labels, count }: Split, classes: readonly string[]): ListedSplit["images"] {
  return Array.from({ length: count }, (_, i) => {
    const name = classes[labels[i] ?? -1];
    return { path: originals?.place(i) ?? String(i), class: name };
  });
}
