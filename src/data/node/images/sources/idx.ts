/** @file MNIST's files, and those of its likes: grey pictures and their classes as plain bytes, each behind a short header. */
import { elementAt } from "../../../../elements.ts";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError } from "../../../../errors.ts";
import type { Picture } from "../../../../images/index.ts";
import { expand } from "../../unpack.ts";
import { readRegularFile } from "../../read-file.ts";
import { faultOf, fileVersion, type Listed, type Listing, type SplitName } from "../listing.ts";

/** `train-images-idx3-ubyte.gz`, with a dot for the second dash, a prefix or no ending perhaps. */
const imagesName = /^(.*-)?(train|t10k|test)-images[-.]idx3-ubyte(\.gz)?$/;

/** A header may ask for that much before anything is checked against it. */
const MOST_BYTES = 2 ** 30;

/** The pictures' files among names. */
export function idxFiles(names: readonly string[]): string[] {
  return names.filter((name) => imagesName.test(name));
}

/**
 * The pictures of a folder's idx files, `train` and `t10k` (the test images), each with its file of labels; compressed by
 * gzip or not. Classes are the digits 0, 1, ... up to the largest label.
 *
 * Throws DATA_MISSING for a file that lacks its file of labels; DATA_FORMAT for one that is not what its header says.
 */
export async function listIdx(folder: string, unlabelled: boolean): Promise<Listing> {
  const names = await readdir(folder);
  const files = idxFiles(names).sort();
  const parts: { readonly name: string; readonly images: Idx; readonly labels: Uint8Array | undefined }[] = [];
  for (const name of files) {
    const images = await readIdx(join(folder, name), 3);
    parts.push({
      name,
      images,
      labels: unlabelled ? undefined : await labelsOf(folder, names, name, elementAt(images.sizes, 0)),
    });
  }
  const most = Math.max(
    -1,
    ...parts.map(({ labels }) => labels?.reduce((most, label) => Math.max(most, label), 0) ?? -1),
  );
  const classes = Array.from({ length: most + 1 }, (_, label) => String(label));
  const pictures: Listed[] = [];
  for (const { name, images, labels } of parts) {
    const version = await fileVersion(join(folder, name));
    const split: SplitName = imagesName.exec(name)![2] === "train" ? "train" : "test";
    for (let i = 0; i < elementAt(images.sizes, 0); i++) {
      const read = async (): Promise<Picture> => pictureOf(images, i);
      pictures.push({
        place: `${name}: image ${i}`,
        version,
        split,
        label: labels && elementAt(labels, i),
        read,
      });
    }
  }
  return { kind: "MNIST's idx files", classes, pictures, notes: [] };
}

interface Idx {
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array;
}

function pictureOf({ sizes, bytes }: Idx, i: number): Picture {
  const [, height, width] = sizes as readonly [number, number, number];
  return {
    channels: 1,
    height,
    width,
    pixels: Uint8Array.from(bytes.subarray(i * height * width, (i + 1) * height * width)),
  };
}

async function labelsOf(folder: string, names: readonly string[], name: string, count: number): Promise<Uint8Array> {
  const plain = name.replace("-images", "-labels").replace("idx3", "idx1").replace(/\.gz$/, "");
  const found = [plain, `${plain}.gz`].find((name) => names.includes(name));
  if (found === undefined) {
    throw new LimbeckError(
      "DATA_MISSING",
      `${join(folder, name)} should have its classes beside it in ${plain}, or ${plain}.gz; get that file, or ask for unlabelled pictures`,
    );
  }
  const { sizes, bytes } = await readIdx(join(folder, found), 1);
  if (sizes[0] === count) return bytes;
  throw wrong(join(folder, found), `should have a label for each of ${count} images of ${name}, got ${sizes[0]}`);
}

/** Bytes of so many axes: 0, 0, 8 (for bytes), the number of axes, the size of each as 32 bits, the values. */
async function readIdx(file: string, axes: number): Promise<Idx> {
  const all = await content(file, axes);
  const sizes = sizesIn(file, all, axes);
  const expected = sizeOf(sizes);
  if (all.length !== expected) {
    throw wrong(file, `should be ${expected} bytes, for ${sizes.join(" x ")}, got ${all.length}; get it again`);
  }
  return { sizes, bytes: all.subarray(4 + 4 * axes) };
}

function sizesIn(file: string, all: Uint8Array, axes: number): number[] {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  if (all.length < 4 + 4 * axes || view.getUint32(0) !== 0x800 + axes) {
    throw wrong(file, `should begin with 00 00 08 0${axes}, for bytes along ${axes} axes, got ${shownBytes(all)}`);
  }
  const sizes = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (sizes.includes(0)) throw wrong(file, `should hold something, got sizes ${sizes.join(" x ")}`);
  return sizes;
}

/** Bytes of the whole file. */
function sizeOf(sizes: readonly number[]): number {
  return 4 + 4 * sizes.length + sizes.reduce((product, size) => product * size, 1);
}

async function content(file: string, axes: number): Promise<Uint8Array> {
  try {
    return await (file.endsWith(".gz") ? expanded(file, axes) : readRegularFile(file, { most: MOST_BYTES }));
  } catch (cause) {
    if (cause instanceof LimbeckError) throw cause;
    throw wrong(file, `cannot be read: ${faultOf(cause)}; get it again`, cause);
  }
}

/** Not beyond the size that its header says: a small file may expand to any. */
async function expanded(file: string, axes: number): Promise<Uint8Array> {
  let begin = Buffer.alloc(0);
  for await (const piece of expand(file, MOST_BYTES)) {
    begin = Buffer.concat([begin, piece]);
    if (begin.length >= 4 + 4 * axes) break;
  }
  const size = sizeOf(sizesIn(file, begin, axes));
  if (size > MOST_BYTES) throw new Error(`it should expand to at most ${MOST_BYTES} bytes, got ${size}`);
  const all = new Uint8Array(size);
  let at = 0;
  for await (const piece of expand(file, size)) {
    all.set(piece, at);
    at += piece.length;
  }
  return all.subarray(0, at);
}

function shownBytes(bytes: Uint8Array): string {
  return bytes.length === 0
    ? "nothing"
    : Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function wrong(file: string, fault: string, cause?: unknown): LimbeckError {
  return new LimbeckError("DATA_FORMAT", `${file} ${fault}`, { cause });
}
