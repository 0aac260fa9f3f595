/** @file One picture made ready to be kept: read, decoded, in the right number of channels and the right size, measured. */
import { createHash } from "node:crypto";
import { LimbeckError } from "../../../errors.ts";
import { centreView, type Picture, storedPicture, withChannels } from "../../../images/index.ts";
import { decodePicture, type DecodeOptions } from "./decode.ts";
import { faultOf, type Listed } from "./listing.ts";

/** All that kept pictures follow from, besides the files. */
export interface StoreSettings extends DecodeOptions {
  /** Side of the view, in pixels. */
  readonly size: number;
  readonly channels: 1 | 3;
}

/** What is known of a kept picture. */
export interface Kept {
  readonly height: number;
  readonly width: number;
  /** The beginning of the SHA-256 of what was read: the same for two files of the same bytes. */
  readonly content: string;
  /** Of each channel of the view, the sum of the bytes and that of their squares: whole numbers, so exact. */
  readonly sums: readonly number[];
  readonly squares: readonly number[];
}

/** What is known of one that cannot be kept. */
export interface Broken {
  readonly fault: string;
  /** Reading failed, which may end otherwise another time. */
  readonly isPassing: boolean;
}

export type Prepared = { readonly kept: Kept; readonly pixels: Uint8Array } | { readonly broken: Broken };

/** Throws only what is no picture's fault: UNSUPPORTED where nothing can be decoded. */
export async function prepare(listed: Listed, settings: StoreSettings): Promise<Prepared> {
  let read: Uint8Array | Picture;
  try {
    read = await listed.read();
  } catch (error) {
    const isPassing = (error as NodeJS.ErrnoException).syscall !== undefined && listed.version !== "missing";
    return { broken: { fault: `${listed.place} cannot be read: ${faultOf(error)}`, isPassing } };
  }
  try {
    const decoded = read instanceof Uint8Array ? await decodePicture(listed.place, read, settings) : read;
    const stored = storedPicture(withChannels(decoded, settings.channels), settings.size);
    const { height, width, pixels } = stored;
    const kept = { height, width, content: contentOf(read), ...measured(stored, settings.size) };
    return { kept, pixels };
  } catch (error) {
    if (error instanceof LimbeckError && error.code === "DATA_FORMAT") {
      return { broken: { fault: error.message, isPassing: false } };
    }
    throw error;
  }
}

/** The beginning of the SHA-256 of what was read. */
export function contentOf(read: Uint8Array | Picture): string {
  const hash = createHash("sha256").update(read instanceof Uint8Array ? read : read.pixels);
  return hash.digest("hex").slice(0, 32);
}

function measured(stored: Picture, size: number): Pick<Kept, "sums" | "squares"> {
  const { channels, pixels } = centreView(stored, size);
  const plane = size * size;
  const sums: number[] = [];
  const squares: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    let [sum, square] = [0, 0];
    for (const value of pixels.subarray(channel * plane, (channel + 1) * plane)) {
      sum += value;
      square += value * value;
    }
    sums.push(sum);
    squares.push(square);
  }
  return { sums, squares };
}
