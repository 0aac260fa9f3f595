/** @file Files of pictures to bytes a pixel, by sharp: equal to what Pillow's `convert("RGB")` gives, apart from what is said below. */
import { elementAt } from "../../../elements.ts";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { LimbeckError, reasonOf } from "../../../errors.ts";
import {
  type Colour,
  formatOf,
  fromCmyk,
  fromColours,
  MOST_PIXELS,
  type Picture,
  type Samples,
} from "../../../images/index.ts";

export interface DecodeOptions {
  /** Turned as the camera was held, by the EXIF tag "orientation"; default true. torchvision's `ImageFolder` does not. */
  readonly exif?: boolean | undefined;
  /** What transparent pixels lie on. Default: alpha is dropped, as Pillow does, and the colours under it show. */
  readonly background?: Colour | undefined;
  /** A picture of more is refused before it is decoded. */
  readonly maxPixels?: number;
  /** One that takes more memory while it is decoded is refused before: its samples, and the copies of them that decoding makes. No bound by default. */
  readonly maxBytes?: number;
}

/** JPEG has no longer sides; a PNG of one row of millions of pixels takes its decoder many times their bytes. */
const MOST_SIDE = 65_535;

/** Part of `SharpOptions`, so that sharp is a package that only decoding needs. */
type Decoder = (bytes: Uint8Array, options: SharpOptions) => Sharp;

/**
 * A picture of a JPEG, PNG, WebP, GIF, AVIF or TIFF file: one channel where the file is grey, else three. Of an animation the first
 * frame; of 16 bits a sample the higher eight; CMYK by Pillow's formula; colour profiles are not applied, as Pillow does not.
 * Pillow differs for 16 bits in grey, which it cuts off at 255.
 *
 * Throws DATA_FORMAT, naming the picture, for bytes that are none, are cut short or damaged, or have more than `maxPixels`;
 * UNSUPPORTED where sharp is not installed.
 */
export async function decodePicture(
  name: string,
  bytes: Uint8Array,
  { exif = true, background, maxPixels = MOST_PIXELS, maxBytes = Infinity }: DecodeOptions = {},
): Promise<Picture> {
  if (bytes.length === 0) throw broken(name, "it is empty");
  if (!formatOf(bytes)) throw broken(name, `it begins with ${firstBytes(bytes)}, as none of these do`);
  const decoder = await loadDecoder();
  // NOTE: not "warning": Pillow takes what libjpeg only warns of. Truncation is an error.
  const options = { failOn: "error", ignoreIcc: true } as const;
  try {
    const metadata = await decoder(bytes, { ...options, limitInputPixels: false }).metadata();
    checkHeader(name, metadata, maxPixels);
    const opened = decoder(bytes, { ...options, limitInputPixels: maxPixels });
    const turned = exif ? opened.autoOrient() : opened;
    const needed = bytesNeeded(metadata, background);
    if (needed > maxBytes) throw tooLarge(name, metadata, needed, maxBytes);
    return await withRoom(needed, () => read(turned, metadata, background));
  } catch (cause) {
    if (cause instanceof LimbeckError) throw cause;
    const message = elementAt(reasonOf(cause).trim().split("\n"), -1);
    throw broken(name, `it cannot be decoded: ${message}`, cause);
  }
}

const grey = ["b-w", "grey16"];

async function read(opened: Sharp, metadata: Metadata, background: Colour | undefined): Promise<Picture> {
  const { space } = metadata;
  const isInk = space === "cmyk";
  const isOne = isOneSample(metadata, background);
  const wanted = isInk
    ? opened.pipelineColourspace("cmyk").toColourspace("cmyk")
    : opened.toColourspace(isOne ? "b-w" : "srgb");
  const { data, info } = await wanted.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels: stride } = info;
  if (isOne) return { channels: 1, width, height, pixels: alone(data) };
  // Of another grey file sharp makes three equal channels.
  const samples: Samples = { data, width, height, stride };
  return isInk ? fromCmyk(samples) : fromColours(samples, background, grey.includes(space) ? 1 : 3);
}

/** Whether sharp gives the one channel alone, without alpha. Of 16 bits it would round. */
function isOneSample({ space, hasAlpha }: Metadata, background: Colour | undefined): boolean {
  return space === "b-w" && !(hasAlpha && background);
}

/** The bytes as they are, where nothing else lies in their buffer. */
function alone(bytes: Uint8Array): Uint8Array {
  const { buffer, byteLength } = bytes;
  return buffer.byteLength === byteLength ? new Uint8Array(buffer) : Uint8Array.from(bytes);
}

/**
 * What a picture takes at most while it is decoded: its samples interleaved, its planes, and the whole of it once more where the decoder cannot
 * go through it row by row. Measured for AVIF: its decoder holds several copies.
 */
function bytesNeeded(metadata: Metadata, background: Colour | undefined): number {
  const { width, height, format, space, depth, hasAlpha, isProgressive } = metadata;
  const isOne = isOneSample(metadata, background);
  const samples = isOne ? 1 : (space === "cmyk" ? 4 : 3) + (hasAlpha ? 1 : 0);
  const planes = isOne ? 0 : space === "grey16" && !background ? 1 : 3;
  const isWhole = isProgressive || format === "gif" || format === "webp";
  const held = format === "heif" ? 14 : isWhole ? samples * (depth === "ushort" ? 2 : 1) : 0;
  return width * height * (samples + planes + held);
}

function tooLarge(name: string, { width, height }: Metadata, needed: number, most: number): LimbeckError {
  const inMebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return new LimbeckError(
    "DATA_FORMAT",
    `${name} should take at most ${inMebibytes(most)} MiB to be decoded, got ${width} x ${height} pixels, which take ${inMebibytes(needed)}; make it smaller`,
  );
}

function checkHeader(name: string, { width, height, space, depth }: Metadata, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new LimbeckError(
      "DATA_FORMAT",
      `${name} should have at most ${maxPixels} pixels, got ${width} x ${height}; make it smaller, leave it out, or raise maxPixels`,
    );
  }
  if (Math.max(width, height) > MOST_SIDE) {
    throw new LimbeckError(
      "DATA_FORMAT",
      `${name} should have sides of at most ${MOST_SIDE} pixels, got ${width} x ${height}; cut it, or leave it out`,
    );
  }
  const isKnown = [...grey, "srgb", "rgb", "rgb16", "cmyk"].includes(space);
  const isDeep = depth !== "uchar" && (depth !== "ushort" || space === "cmyk");
  if (!isKnown || isDeep) {
    throw broken(
      name,
      `it has samples of ${depth} in the colour space ${space}, expected 8 or 16 bits in RGB or grey, or 8 in CMYK`,
    );
  }
}

let loaded: Promise<Decoder> | undefined;

function loadDecoder(): Promise<Decoder> {
  loaded ??= import("sharp").then(
    ({ default: sharp }) => sharp,
    (cause: unknown) => {
      throw new LimbeckError(
        "UNSUPPORTED",
        `pictures are decoded by the package sharp, which cannot be loaded: ${reasonOf(cause).split("\n")[0]}; ` +
          "install it with `npm i sharp`",
        { cause },
      );
    },
  );
  return loaded;
}

function broken(name: string, fault: string, cause?: unknown): LimbeckError {
  return new LimbeckError(
    "DATA_FORMAT",
    `${name} should be a whole picture (JPEG, PNG, WebP, GIF, AVIF or TIFF): ${fault}; get it again, convert it, or leave it out`,
    { cause },
  );
}

function firstBytes(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Bytes that pictures take at a time, unless one takes more. */
const MOST = 2 ** 28;

let taken = 0;
const waiting: { readonly bytes: number; readonly go: () => void }[] = [];

/** Does the work when there is room for so many bytes, in the order of asking. */
export async function withRoom<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
  if (waiting.length > 0 || !fits(bytes)) await new Promise<void>((go) => waiting.push({ bytes, go }));
  else taken += bytes;
  try {
    return await work();
  } finally {
    taken -= bytes;
    for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      taken += next.bytes;
      next.go();
    }
  }
}

function fits(bytes: number): boolean {
  return taken === 0 || taken + bytes <= MOST;
}
