/** @file Kept pictures read by position: any one at any time, however many there are, without holding them in memory; and one file decoded as it is. */
import { elementAt } from "../../../elements.ts";
import { closeSync, openSync, readSync } from "node:fs";
import { LimbeckError } from "../../../errors.ts";
import type { Picture } from "../../../images/index.ts";
import type { Shard } from "./make-shards.ts";
import { contentOf, type Kept } from "./prepare.ts";
import { bytesOf, isKept } from "./shard.ts";
import { decodePicture, type DecodeOptions } from "./decode.ts";
import { faultOf, type Listed } from "./listing.ts";

export interface PictureStore {
  /** Whether picture i of those that were listed is there: one that is broken is not. */
  has(i: number): boolean;
  /** What is known of picture i. */
  about(i: number): Kept;
  /** The picture, read anew each time. Throws DATA_MISSING where its file is no longer what it was. */
  read(i: number): Picture;
}

/** Closes the files of stores that nobody can ask any more. */
const forgotten = new FinalizationRegistry((files: readonly number[]) => {
  for (const file of files) closeSync(file);
});

/**
 * Opens the shards, and keeps them open as long as there is somebody to ask: they can be read even if they are removed
 * meanwhile. Throws DATA_MISSING for one that cannot be opened.
 */
export function openStore(shards: readonly Shard[], channels: number): PictureStore {
  const files: number[] = [];
  const entries: (
    | { readonly kept: Kept; readonly path: string; readonly file: number; readonly at: number }
    | undefined
  )[] = [];
  for (const { path, records } of shards) {
    const file = opened(path);
    files.push(file);
    let at = 0;
    for (const record of records) {
      entries.push(isKept(record) ? { kept: record, path, file, at } : undefined);
      if (isKept(record)) at += bytesOf(record, channels);
    }
  }
  const store: PictureStore = {
    has: (i) => entries[i] !== undefined,
    about: (i) => elementAt(entries, i).kept,
    read(i) {
      const { kept, path, file, at } = elementAt(entries, i);
      const pixels = new Uint8Array(bytesOf(kept, channels));
      if (readSync(file, pixels, 0, pixels.length, at) !== pixels.length) throw changed(path);
      return { channels, height: kept.height, width: kept.width, pixels };
    },
  };
  forgotten.register(store, files);
  return store;
}

function opened(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw changed(path, cause);
  }
}

function changed(path: string, cause?: unknown): LimbeckError {
  return new LimbeckError(
    "DATA_MISSING",
    `${path} was removed or became shorter since it was made; load the pictures again, and let nothing else change that folder`,
    { cause },
  );
}

/** Throws DATA_MISSING where the file is gone or another than the one of this content. */
export async function originalPicture(
  { place, read }: Listed,
  content: string,
  options: DecodeOptions,
): Promise<Picture> {
  const changed = (fault: string, cause?: unknown): LimbeckError =>
    new LimbeckError(
      "DATA_MISSING",
      `${place} is no longer the picture that it was when the data set was loaded: ${fault}; put it back, or start again`,
      { cause },
    );
  const found = await read().catch((cause: unknown) => {
    throw changed(`it cannot be read: ${faultOf(cause)}`, cause);
  });
  if (contentOf(found) !== content) throw changed("its bytes are others");
  return found instanceof Uint8Array ? decodePicture(place, found, options) : found;
}
