/** @file The binary layout of CIFAR-10 and CIFAR-100, as bytes: records of one or two label bytes and 3 x 32 x 32 pixel bytes. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { printable } from "../printable.ts";
import { splitOf, type Dataset, type Split } from "./dataset.ts";

/** What a data set in this layout is, apart from its images. */
export interface CifarLayout extends Pick<Dataset, "name" | "shape" | "mean" | "std"> {
  /** For messages: `CIFAR-10`. */
  readonly title: string;
  readonly classCount: number;
  /** Label bytes of a record; the last one is the class. */
  readonly labelBytes: number;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  /** The class names, one a line. */
  readonly classesFile: string;
  /** Images in each of these files. */
  readonly imagesPerTrainFile: number;
  readonly imagesPerTestFile: number;
}

/** Ten classes. Mean and deviation are ImageNet's, as the tutorial uses them. */
export const cifar10: CifarLayout = {
  name: "cifar10",
  title: "CIFAR-10",
  shape: [3, 32, 32],
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  classCount: 10,
  labelBytes: 1,
  trainFiles: ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
  testFile: "test_batch.bin",
  classesFile: "batches.meta.txt",
  imagesPerTrainFile: 10_000,
  imagesPerTestFile: 10_000,
};

/** A hundred classes, the fine ones: a record's first byte is its coarse class. Mean and deviation are the distillation benchmark's. */
export const cifar100: CifarLayout = {
  name: "cifar100",
  title: "CIFAR-100",
  shape: [3, 32, 32],
  mean: [0.5071, 0.4867, 0.4408],
  std: [0.2675, 0.2565, 0.2761],
  classCount: 100,
  labelBytes: 2,
  trainFiles: ["train.bin"],
  testFile: "test.bin",
  classesFile: "fine_label_names.txt",
  imagesPerTrainFile: 50_000,
  imagesPerTestFile: 10_000,
};

const imageBytes = 3 * 32 * 32;

/** The bytes of one file, and its name for messages. */
export interface NamedBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * The images of some batch files, one after another.
 *
 * Throws DATA_FORMAT for a file that does not hold `imagesPerFile` whole records, or a label that is no class.
 */
export function parseBatches(layout: CifarLayout, files: readonly NamedBytes[], imagesPerFile: number): Split {
  const { labelBytes, classCount } = layout;
  const recordBytes = labelBytes + imageBytes;
  const count = files.length * imagesPerFile;
  const [pixels, labels] = [new Uint8Array(count * imageBytes), new Uint8Array(count)];
  for (const [i, { file, bytes }] of files.entries()) {
    checkBatchSize(layout, file, bytes.length, imagesPerFile);
    for (let record = 0; record < imagesPerFile; record++) {
      const at = record * recordBytes + labelBytes;
      const label = elementAt(bytes, at - 1);
      if (label >= classCount) throw badLabel(layout, file, record, label);
      const image = i * imagesPerFile + record;
      labels[image] = label;
      pixels.set(bytes.subarray(at, at + imageBytes), image * imageBytes);
    }
  }
  return splitOf({ pixels, labels });
}

/**
 * The class names in the layout's file of them, one a line. Throws DATA_FORMAT unless there is one for each class, each
 * another, of characters that can be shown: a terminal would obey control characters.
 */
export function parseClasses(layout: CifarLayout, { file, bytes }: NamedBytes): string[] {
  const fail = (expected: string): never => {
    throw new LimbeckError("DATA_FORMAT", `${file} should ${expected}; ${remedy(layout)}`);
  };
  const names = decodeText(bytes, () => fail("be text in UTF-8"))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (names.length !== layout.classCount) fail(`name ${layout.classCount} classes, one a line, got ${names.length}`);
  for (const [i, name] of names.entries()) {
    if (printable(name) !== name) fail(`name classes by characters that can be shown, got ${printable(name)}`);
    const before = names.indexOf(name);
    if (before < i) fail(`name each class by another name, got ${name} for ${before} and ${i}`);
  }
  return names;
}

function decodeText(bytes: Uint8Array, fail: () => never): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return fail();
  }
}

/** Bytes of a file of so many images. */
export function batchBytes({ labelBytes }: CifarLayout, images: number): number {
  return images * (labelBytes + imageBytes);
}

/** Throws DATA_FORMAT unless a batch file of this many bytes holds `images` whole records, no more and no less. */
export function checkBatchSize(layout: CifarLayout, file: string, size: number, images: number): void {
  const expected = batchBytes(layout, images);
  if (size === expected) return;
  const recordBytes = batchBytes(layout, 1);
  const fault =
    size < expected
      ? `it is cut short after ${Math.floor(size / recordBytes)} whole images`
      : `there are ${size - expected} bytes too many`;
  throw new LimbeckError(
    "DATA_FORMAT",
    `${file} should be ${expected} bytes (${images} images of ${recordBytes}), got ${size}: ${fault}; ${remedy(layout)}`,
  );
}

function remedy({ title }: CifarLayout): string {
  return `copy the file again from the ${title} binary archive`;
}

function badLabel(layout: CifarLayout, file: string, record: number, label: number): LimbeckError {
  const byte = batchBytes(layout, record) + layout.labelBytes - 1;
  return new LimbeckError(
    "DATA_FORMAT",
    `${file}: the label of image ${record} (byte ${byte}) should be 0 to ${layout.classCount - 1}, got ${label}; ${remedy(layout)}`,
  );
}
