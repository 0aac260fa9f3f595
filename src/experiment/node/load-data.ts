/** @file The data of an experiment: a data set of the table by its name, or pictures by their path. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { isHubName } from "../../data/hub-name.ts";
import { datasets, loadDataset, type LoadOptions } from "../../data/index.ts";
import { loadImages } from "../../data/node/images/load.ts";
import type { ImagesProgress } from "../../data/node/images/make-shards.ts";
import { usualSize } from "../../data/node/images/usual-size.ts";
import { holdOut, limit } from "../../data/subsets.ts";
import { LimbeckError } from "../../errors.ts";
import { unknownName } from "../../nearest-name.ts";
import type { TrainedOn } from "../../teachers/node/index.ts";
import type { Progress } from "../../train/index.ts";
import type { Config } from "../config.ts";
import { isInTable, isModulePath, isPictures, shareOf } from "../settings/values.ts";
import type { OwnModules } from "./modules/load.ts";

/** Progress of what comes before the first run. */
export interface LoadDataOptions {
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions["onProgress"]>;
  readonly onPictures?: (progress: ImagesProgress) => void;
  /** A teacher is asked about held-out pictures without labels. */
  readonly onAnswers?: (progress: Progress) => void;
}

/** The settings that say which images there are. */
export const dataKeys = [
  "dataset",
  "dataDir",
  "limit",
  "validation",
  "seed",
  "keep",
  "tested",
  "size",
  "channels",
  "test",
  "skipBroken",
  "exif",
  "unlabelled",
  "mean",
  "std",
] as const satisfies readonly (keyof Config<"train">)[];

/** The same with their values. */
export type DataConfig = Pick<Config<"train">, (typeof dataKeys)[number]>;

/**
 * What a data set is called in a configuration: its name in the table, its name on the hub with its commit, or the path, absolute. A name of the table
 * is never a path. Throws UNKNOWN_NAME for a word that is neither a name nor the path of something; as `pinnedDataset`.
 */
export async function datasetNamed(text: string): Promise<string> {
  if (isInTable(text)) return text;
  if (isHubName(text)) return (await import("../../data/node/hub/dataset.ts")).pinnedDataset(text, {});
  if (!/[./\\]/.test(text) && !existsSync(text)) unknownName("data set", text, Object.keys(datasets));
  return resolve(text);
}

/**
 * The configuration with what it leaves open of its pictures: size, channels, mean and deviation are those that a teacher was trained with,
 * if there is one, else the size is the usual one.
 */
export async function withPictures<C extends DataConfig>(
  config: C,
  { onDownload, signal }: LoadDataOptions,
  teacher?: TrainedOn,
): Promise<C> {
  const { dataset, size, channels, mean, std, unlabelled = false } = config;
  if (!isPictures(dataset)) return config;
  const [planes, height, width] = teacher?.inputShape ?? [];
  const square = height === width && (planes === 1 || planes === 3) ? height : undefined;
  const chosen = channels ?? (planes === 1 ? 1 : undefined);
  const measured = planes === (chosen ?? 3) ? teacher?.normalisation : undefined;
  return {
    ...config,
    size: size ?? square ?? (await usualSize(dataset, { unlabelled, onDownload, signal })),
    ...(chosen !== undefined && { channels: chosen }),
    ...(mean === undefined && std === undefined && measured && { mean: [...measured.mean], std: [...measured.std] }),
  };
}

/**
 * Loads it, validation images held out; notes are for people. `own` holds the data set of a module. Throws as `loadDataset`, `loadImages` and
 * `holdOut`; ARGUMENT where the best epoch is wanted, or the test images are not to be looked at, and there are no validation images.
 */
export async function loadData(
  config: DataConfig,
  options: LoadDataOptions,
  own: Pick<OwnModules, "datasets">,
): Promise<{ readonly dataset: Dataset; readonly notes: readonly string[] }> {
  const { validation, seed, keep, tested } = config;
  const { dataset: whole, notes } = isPictures(config.dataset)
    ? await loadPictures(config, options)
    : isModulePath(config.dataset)
      ? { dataset: await loadOwn(config, options, own), notes: [] }
      : { dataset: await loadNamed(config, options), notes: namesake(config.dataset) };
  const dataset =
    validation === undefined || (typeof validation === "string" && isPictures(config.dataset))
      ? whole
      : holdOut(whole, imagesOf(validation, whole.train.count), seed);
  if (keep === "best" && !dataset.validation) {
    throw new LimbeckError(
      "ARGUMENT",
      `the best epoch is chosen on validation images, and ${dataset.name} has none; hold some out with validation (--validation 10%)`,
    );
  }
  return { dataset: tested ? dataset : withoutTest(dataset), notes };
}

/** With the validation images in the place of those for the test. Throws ARGUMENT where there are none, or nobody knows their classes. */
function withoutTest({ validation, ...dataset }: Dataset): Dataset {
  if (validation && dataset.isLabelled !== false)
    return { ...dataset, validation, test: validation, measuredOn: "validation" };
  throw new LimbeckError(
    "ARGUMENT",
    `without the test images, networks are measured on validation images, and ${dataset.name} has none${validation ? " whose classes are known" : ""}; ` +
      "hold some out with validation (--validation 10%), or leave out --no-test",
  );
}

/** A name of the table is taken for that, whatever else is called so. */
function namesake(name: string): readonly string[] {
  return existsSync(name)
    ? [`${name} is taken as the data set of that name; for the folder here, write ./${name}`]
    : [];
}

function imagesOf(validation: number | string, images: number): number {
  return typeof validation === "number" ? validation : Math.max(1, Math.round(shareOf(validation) * images));
}

function loadNamed({ dataset, dataDir, limit }: DataConfig, { signal, onDownload }: LoadDataOptions): Promise<Dataset> {
  return loadDataset(dataset, {
    dir: dataDir,
    limit,
    signal,
    onProgress: onDownload,
  });
}

/** A module's. Throws as that; ARGUMENT for validation images to be held out where it has some. */
async function loadOwn(
  { dataset: path, dataDir, limit: most, validation }: DataConfig,
  { signal }: LoadDataOptions,
  { datasets: ofModules }: Pick<OwnModules, "datasets">,
): Promise<Dataset> {
  const dataset = await ofModules.get(path)!.load({ dir: dataDir, signal });
  if (validation !== undefined && dataset.validation) {
    throw new LimbeckError(
      "ARGUMENT",
      `${dataset.name} has ${dataset.validation.count} validation images of its own; leave out validation (--validation)`,
    );
  }
  return most === undefined ? dataset : limit(dataset, most);
}

async function loadPictures(
  config: DataConfig,
  { signal, onPictures, onDownload }: LoadDataOptions,
): Promise<{ readonly dataset: Dataset; readonly notes: readonly string[] }> {
  const {
    dataset: path,
    limit: most,
    validation,
    test,
    size = 64,
    channels,
    skipBroken,
    exif,
    unlabelled,
    mean,
    std,
  } = config;
  const dataset = await loadImages(path, {
    size,
    channels,
    skipBroken,
    exif,
    unlabelled,
    mean,
    std,
    validation: typeof validation === "string" ? shareOf(validation) : undefined,
    test: test === undefined ? undefined : shareOf(test),
    signal,
    onProgress: onPictures,
    onDownload,
  });
  return { dataset: most === undefined ? dataset : limit(dataset, most), notes: dataset.notes };
}
