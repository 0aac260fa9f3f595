/** @file Anybody's pictures as a data set: listed, decoded once into the cache folder, divided, measured, read by position. */
import { elementAt } from "../../../elements.ts";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { LimbeckError } from "../../../errors.ts";
import { centreView, MOST_PIXELS, storedSide } from "../../../images/index.ts";
import { checkDataset } from "../../check-dataset.ts";
import { classLabels, type Dataset, type Split } from "../../dataset.ts";
import { isHubName, parseHubName } from "../../hub-name.ts";
import { cacheFolder } from "../folders.ts";
import type { DecodeOptions } from "./decode.ts";
import { divide, type DivideOptions } from "./divide.ts";
import { withoutDuplicates } from "./duplicates.ts";
import { listPictures, type ListOptions } from "./list.ts";
import type { Listing } from "./listing.ts";
import { originalPicture, openStore, type PictureStore } from "./store.ts";
import { makeShards, type ImagesProgress, type Shards } from "./make-shards.ts";
import type { StoreSettings } from "./prepare.ts";
import { isKept } from "./shard.ts";

export interface ImagesOptions extends DecodeOptions, DivideOptions {
  /** Side of the images that a network gets, in pixels. */
  readonly size: number;
  /** 3 for colour, which grey pictures become too; 1 for grey. Default 3. */
  readonly channels?: 1 | 3 | undefined;
  /** Of the data set; default the name of the folder or file. */
  readonly name?: string;
  /** Take all pictures without their classes. */
  readonly unlabelled?: boolean | undefined;
  /** Of each channel, on pixels / 255; default those of the training images. */
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  /** Leave out pictures that cannot be read, instead of refusing them all. */
  readonly skipBroken?: boolean | undefined;
  /** Keep training pictures that are test or validation pictures too, instead of leaving them out of training. */
  readonly keepDuplicates?: boolean;
  /** Cache folder; else `LIMBECK_CACHE`, else the system's. */
  readonly cache?: string;
  readonly onProgress?: ((progress: ImagesProgress) => void) | undefined;
  /** Of what is downloaded from the hub. */
  readonly onDownload?: ListOptions["onDownload"];
  readonly signal?: AbortSignal | undefined;
}

/** A data set of pictures in files. */
export interface ImageDataset extends Dataset {
  /** What kind of source was found. */
  readonly source: string;
  /** What somebody should know of: what was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * The pictures of a folder, table, Parquet file, tar shard or of MNIST's files (see `listPictures`), as images of `size` x
 * `size`: the middle of each picture, its shorter side resized to 1.15 times that, as `viewOf`. A picture of exactly
 * that size is taken as it is. Each split has the larger pictures too, for crops at random (`Split.stored`).
 *
 * Throws DATA_FORMAT, naming them, for pictures that cannot be read unless they are to be skipped, and for fewer than two classes; DATA_MISSING
 * where every training picture is a test or validation picture too;
 * ARGUMENT for an option out of range; OUTPUT where the cache cannot be written; ABORTED when the signal is raised; else as
 * `listPictures` and `divide`.
 */
export async function loadImages(path: string, options: ImagesOptions): Promise<ImageDataset> {
  checkOptions(options);
  const { size, channels = 3, unlabelled = false, onProgress, onDownload, signal } = options;
  onProgress?.({ step: "listing", done: 0, total: 0 });
  const listing = await listPictures(path, { unlabelled, onDownload, signal });
  checkClasses(path, listing, unlabelled);
  const settings: StoreSettings = {
    size,
    channels,
    exif: options.exif ?? true,
    maxPixels: options.maxPixels ?? MOST_PIXELS,
    background: options.background,
  };
  const shards = await makeShards(listing.pictures, settings, {
    cache: cacheFolder(options.cache),
    source: path,
    onProgress,
    signal,
  });
  const skipped = await brokenNotes(path, shards, options.skipBroken ?? false);
  const store = openStore(shards.shards, channels);
  const usable = [...listing.pictures.keys()].filter((i) => store.has(i));
  const divided = withoutDuplicates(
    path,
    divide(path, listing, usable, options),
    {
      contentOf: (i) => store.about(i).content,
      labelOf: (i) => elementAt(listing.pictures, i).label,
      nameOf: (i) => elementAt(listing.pictures, i).place,
    },
    options.keepDuplicates ?? false,
  );
  const splitOf = (places: readonly number[]): Split => split(store, listing, places, settings);
  const measured = measure(store, divided.train, size, channels);
  const dataset: ImageDataset = {
    name: options.name ?? nameOf(path),
    classes: listing.classes,
    shape: [channels, size, size],
    train: splitOf(divided.train),
    validation: divided.validation.length > 0 ? splitOf(divided.validation) : undefined,
    test: splitOf(divided.test),
    mean: options.mean ?? measured.mean,
    std: options.std ?? measured.std,
    preparation: {
      resize: storedSide(size),
      exif: settings.exif ?? true,
      background: settings.background,
    },
    isLabelled: listing.classes.length > 0,
    isTestDrawn: divided.isTestDrawn,
    source: listing.kind,
    notes: [...listing.notes, ...shards.notes, ...skipped, ...divided.notes, ...(options.std ? [] : measured.notes)],
  };
  if (listing.classes.length > 0) checkDataset(dataset);
  return dataset;
}

/** The name of the folder or file, or that on the hub without its owner. */
function nameOf(path: string): string {
  return isHubName(path) ? basename(parseHubName(path).repository) : basename(resolve(path));
}

function split(
  store: PictureStore,
  { classes, pictures }: Listing,
  places: readonly number[],
  settings: StoreSettings,
): Split {
  const content = (i: number): string => store.about(elementAt(places, i)).content;
  return {
    image: (i) => centreView(store.read(elementAt(places, i)), settings.size).pixels,
    stored: (i) => store.read(elementAt(places, i)),
    originals: {
      place: (i) => elementAt(pictures, elementAt(places, i)).place,
      content,
      picture: (i) => originalPicture(elementAt(pictures, elementAt(places, i)), content(i), settings),
    },
    labels: classLabels(
      classes.length === 0 ? [] : places.map((place) => elementAt(pictures, place).label!),
      classes.length,
    ),
    count: places.length,
  };
}

/** Mean and deviation of each channel over all pixels, exact up to the last rounding: they come from sums of whole numbers. */
function measure(store: PictureStore, places: readonly number[], size: number, channels: number) {
  const [mean, std]: [number[], number[]] = [[], []];
  const notes: string[] = [];
  const count = places.length * size * size;
  for (let channel = 0; channel < channels; channel++) {
    let [sum, square] = [0, 0];
    for (const place of places) {
      const { sums, squares } = store.about(place);
      sum += elementAt(sums, channel);
      square += elementAt(squares, channel);
    }
    const average = sum / count;
    const deviation = Math.sqrt(Math.max(0, square / count - average ** 2)) / 255;
    mean.push(average / 255);
    std.push(deviation === 0 ? 1 : deviation);
    if (deviation === 0)
      notes.push(`all training images are of one brightness in channel ${channel}: nothing to learn there`);
  }
  return { mean, std, notes };
}

/** How many broken pictures a message names. */
const NAMED = 10;

/** Throws unless they are to be skipped. All of them are written down in a file. */
async function brokenNotes(path: string, { folder, shards }: Shards, skip: boolean): Promise<string[]> {
  const faults = shards.flatMap(({ records }) => records.flatMap((record) => (isKept(record) ? [] : [record.fault])));
  if (faults.length === 0) return [];
  const list = join(folder, "broken.txt");
  await mkdir(folder, { recursive: true }).then(
    () => writeFile(list, `${faults.join("\n")}\n`),
    () => undefined,
  );
  const more = faults.length > NAMED ? `\n... and ${faults.length - NAMED} more, all of them in ${list}` : "";
  const named = faults.slice(0, NAMED).join("\n") + more;
  if (skip) return [`${faults.length} pictures cannot be read: left out\n${named}`];
  throw new LimbeckError(
    "DATA_FORMAT",
    `${path} has ${faults.length} pictures that cannot be read; mend or remove them, or leave them out with skipBroken (--skip-broken):\n${named}`,
  );
}

function checkClasses(path: string, { classes, kind }: Listing, unlabelled: boolean): void {
  if (classes.length !== 1 || unlabelled) return;
  throw new LimbeckError(
    "DATA_FORMAT",
    `${path} should have two or more classes, got one, ${classes[0]}, as ${kind}; ` +
      "add another class, give the folder that all classes lie in, or ask for unlabelled pictures",
  );
}

function checkOptions(options: ImagesOptions): void {
  const { size, channels = 3, mean, std } = options;
  const fail = (expected: string, got: unknown): never => {
    throw new LimbeckError("ARGUMENT", `loadImages: ${expected}, got ${String(got)}`);
  };
  if (!Number.isInteger(size) || size < 1 || size > 4096) fail("size should be a whole number from 1 to 4096", size);
  if (channels !== 1 && channels !== 3) fail("channels should be 1 or 3", channels);
  for (const list of [mean, std]) {
    if (list && list.length !== channels)
      fail(`mean and std should be ${channels} numbers, one a channel`, list.length);
  }
}
