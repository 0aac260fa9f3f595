/** @file What tells one data set from another of the same name: a checksum over everything a training reads of it. */
import { sha256, sha256Hex } from "../sha256.ts";
import { classLabels, type Dataset, type Split } from "./dataset.ts";

/** Images digested at once: a few at a time keep memory small and the caller free. */
const CHUNK = 2048;

/**
 * SHA-256, in hexadecimal digits, over names, normalisation, labels and pixels of every split. Of images that are drawn it
 * takes what they are drawn from, so that none has to be drawn for it. 60,000 images of 32x32 take a fraction of a second.
 */
export async function fingerprint(dataset: Dataset): Promise<string> {
  const { name, classes, shape, mean, std, drawnFrom = null } = dataset;
  const splits = [dataset.train, dataset.validation, dataset.test].map(
    async (split) =>
      split && [split.count, await labelsDigest(split, classes.length), drawnFrom ?? (await pixelsDigest(split))],
  );
  const all = { name, classes, shape, mean, std, drawnFrom, splits: await Promise.all(splits) };
  return sha256Hex(JSON.stringify(all));
}

const known = new WeakMap<Dataset, Promise<string>>();

/** The same, computed once: for data sets that nobody changes. */
export function fingerprintOnce(dataset: Dataset): Promise<string> {
  const print = known.get(dataset) ?? fingerprint(dataset);
  known.set(dataset, print);
  return print;
}

/**
 * The same of the images of one split alone, without labels. Pictures in files are told by their files' bytes and their order, so that it is the same
 * whatever size they are brought to.
 */
export async function imagesFingerprint(dataset: Dataset, which: "train" | "validation" | "test"): Promise<string> {
  const { preparation, [which]: split } = dataset;
  if (!split?.originals) return sha256Hex(JSON.stringify([which, await fingerprint(dataset)]));
  const { count, originals } = split;
  const contents = Array.from({ length: count }, (_, i) => originals.content(i));
  return sha256Hex(JSON.stringify([preparation?.exif, preparation?.background, contents]));
}

/** Of a byte a label, or of two, the lower first, where there are more classes than a byte can tell. */
function labelsDigest({ labels }: Split, classes: number): Promise<string> {
  const stored = classLabels(labels, classes);
  return sha256Hex(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
}

/** The digest of the digests of so many images each. */
async function pixelsDigest(split: Split): Promise<string> {
  const digests: Promise<Uint8Array>[] = [];
  for (let from = 0; from < split.count; from += CHUNK) {
    const to = Math.min(split.count, from + CHUNK);
    const size = split.image(from).length;
    const pixels = new Uint8Array((to - from) * size);
    for (let i = from; i < to; i++) pixels.set(split.image(i), (i - from) * size);
    digests.push(sha256(pixels));
    if (digests.length % 4 === 0) await digests.at(-1);
  }
  const list = new Uint8Array(32 * digests.length);
  for (const [i, digest] of (await Promise.all(digests)).entries()) list.set(digest, 32 * i);
  return sha256Hex(list);
}
