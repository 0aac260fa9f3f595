/** @file CIFAR-10's binary layout, as bytes: records of one label byte and 3 x 32 x 32 pixel bytes. */
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";

/** What CIFAR-10 is, apart from its images. Mean and deviation are ImageNet's, as the tutorial uses them. */
export const cifar10 = {
  name: "cifar10",
  shape: [3, 32, 32],
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  classes: 10,
  trainFiles: ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
  testFile: "test_batch.bin",
  classesFile: "batches.meta.txt",
  /** Images in each of the six files. */
  imagesPerFile: 10_000,
} as const satisfies Pick<Dataset, "name" | "shape" | "mean" | "std"> & Record<string, unknown>;

const imageBytes = 3 * 32 * 32;
const recordBytes = 1 + imageBytes;

/** The bytes of one file, and its name for messages. */
export interface NamedBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * The images of some batch files, one after another.
 *
 * Throws DATA_FORMAT for a file that does not hold `imagesPerFile` whole records, or a label that is not 0 to 9.
 */
export function parseBatches(files: readonly NamedBytes[], imagesPerFile: number = cifar10.imagesPerFile): Split {
  const count = files.length * imagesPerFile;
  const split = { pixels: new Uint8Array(count * imageBytes), labels: new Uint8Array(count), count };
  for (const [i, { file, bytes }] of files.entries()) {
    checkBatchSize(file, bytes.length, imagesPerFile);
    for (let record = 0; record < imagesPerFile; record++) {
      const at = record * recordBytes;
      const label = bytes[at]!;
      if (label >= cifar10.classes) throw badLabel(file, record, label);
      const image = i * imagesPerFile + record;
      split.labels[image] = label;
      split.pixels.set(bytes.subarray(at + 1, at + recordBytes), image * imageBytes);
    }
  }
  return split;
}

/** The class names in `batches.meta.txt`, one a line. Throws DATA_FORMAT unless there are ten. */
export function parseClasses({ file, bytes }: NamedBytes): string[] {
  const names = new TextDecoder()
    .decode(bytes)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (names.length !== cifar10.classes) {
    throw new LimbeckError(
      "DATA_FORMAT",
      `${file} should name ${cifar10.classes} classes, one a line, got ${names.length}; ${remedy}`,
    );
  }
  return names;
}

/** Throws DATA_FORMAT unless a batch file of this many bytes holds `images` whole records, no more and no less. */
export function checkBatchSize(file: string, size: number, images: number = cifar10.imagesPerFile): void {
  const expected = images * recordBytes;
  if (size === expected) return;
  const fault =
    size < expected
      ? `it is cut short after ${Math.floor(size / recordBytes)} whole images`
      : `there are ${size - expected} bytes too many`;
  throw new LimbeckError(
    "DATA_FORMAT",
    `${file} should be ${expected} bytes (${images} images of ${recordBytes}), got ${size}: ${fault}; ${remedy}`,
  );
}

const remedy = "copy the file again from the CIFAR-10 binary archive";

function badLabel(file: string, record: number, label: number): LimbeckError {
  return new LimbeckError(
    "DATA_FORMAT",
    `${file}: the label of image ${record} (byte ${record * recordBytes}) should be 0 to ${cifar10.classes - 1}, got ${label}; ${remedy}`,
  );
}
