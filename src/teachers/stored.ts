/** @file Outputs that were computed before: logits from a file, and outputs kept in the cache. */
import { LimbeckError } from "../errors.ts";
import { formatShape } from "../tensor/index.ts";
import { readSafetensors } from "../weights/index.ts";
import { rowsOf } from "./outputs.ts";
import { LOGITS, type TeacherOutputs } from "./teacher.ts";

/** What a file of logits has to fit. */
export interface StoredLogitsOptions {
  /** Names the file in messages. */
  readonly source: string;
  /** Images. */
  readonly count: number;
  /** That of the images (`imagesFingerprint`); a file that has another one is refused. */
  readonly fingerprint?: string | undefined;
  /** Whose logits; by default those of the training images. */
  readonly split?: StoredSplit;
}

/** Images that a file may have logits of: for training, under plain names, or others, whose names begin with theirs: `test.logits`. */
export type StoredSplit = "train" | "validation" | "test";

/**
 * A teacher known by external logits alone: a safetensors file with `logits` [images, classes], in the order of the training images, and, if
 * wanted, `embedding` [images, D]; in its metadata `fingerprint`, that of the images, and `classes`, a JSON list of names, if it has them. It may have the
 * same of validation and test images: `test.logits`, `test.fingerprint`.
 *
 * Throws WEIGHTS for a damaged file, or one without such logits; CHECKSUM for logits of other images; NOT_FINITE for logits that are no numbers.
 */
export function storedLogits(bytes: Uint8Array, options: StoredLogitsOptions): TeacherOutputs {
  const { source, count, fingerprint, split = "train" } = options;
  const { tensors, metadata } = readSafetensors(bytes, source);
  const [logits, embedding] = [tensors.get(nameIn(split, LOGITS)), tensors.get(nameIn(split, "embedding"))];
  if (!logits || logits.shape.length !== 2 || logits.shape[0] !== count || (logits.shape[1] ?? 0) < 2) {
    throw new LimbeckError(
      "WEIGHTS",
      `${source} should hold a tensor ${nameIn(split, LOGITS)} [${count}, classes], a row for each ${split === "train" ? "training" : split} image, got ${
        logits ? formatShape(logits.shape) : [...tensors.keys()].slice(0, 5).join(", ") || "nothing"
      }`,
    );
  }
  if (embedding && (embedding.shape.length !== 2 || embedding.shape[0] !== count)) {
    throw new LimbeckError(
      "WEIGHTS",
      `${source}: embedding should be [${count}, D], got ${formatShape(embedding.shape)}`,
    );
  }
  const made = metadata[nameIn(split, "fingerprint")];
  if (made !== undefined && fingerprint !== undefined && made !== fingerprint) {
    throw new LimbeckError(
      "CHECKSUM",
      `${source} says that its logits are of images with fingerprint ${made.slice(0, 80)}, but the ${split === "train" ? "training" : split} images here have ${fingerprint}; ` +
        "compute them again for these images, in their order (--list-images FILE lists them)",
    );
  }
  if (!logits.values.every(Number.isFinite)) {
    throw new LimbeckError(
      "NOT_FINITE",
      `${source}: its logits should be numbers, but some are not; compute them again`,
    );
  }
  const held = new Map([[LOGITS, logits], ...(embedding ? [["embedding", embedding] as const] : [])]);
  const classNames = namesOf(metadata["classes"], logits.shape[1]!, source);
  const features = [{ output: "embedding", preActivation: "embedding" }];
  return {
    name: source,
    classNames,
    count,
    shapes: new Map([...held].map(([path, { shape }]) => [path, shape.slice(1)] as const)),
    features: embedding && features,
    read: async (from, to, wanted) =>
      Object.fromEntries(wanted.map((path) => [path, rowsOf(held.get(path)!, from, to)])),
  };
}

/** The splits that a file has logits of. Throws WEIGHTS for a damaged file. */
export function storedSplits(bytes: Uint8Array, source: string): ReadonlySet<StoredSplit> {
  const { tensors } = readSafetensors(bytes, source);
  return new Set((["train", "validation", "test"] as const).filter((split) => tensors.has(nameIn(split, LOGITS))));
}

function nameIn(split: StoredSplit, name: string): string {
  return split === "train" ? name : `${split}.${name}`;
}

function namesOf(text: string | undefined, classes: number, source: string): readonly string[] | undefined {
  if (text === undefined) return undefined;
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (Array.isArray(names) && names.length === classes && names.every((name) => typeof name === "string")) return names;
  throw new LimbeckError("WEIGHTS", `${source}: classes in its metadata should be a JSON list of ${classes} names`);
}
