/** @file The contract of a data set: labelled 8-bit images, and how to normalise them. */
import { elementAt } from "../elements.ts";
import { aFunction, aNumber, aShape, aString, having, listOf, optional, type Kind } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { Picture, Preparation } from "../images/index.ts";

/** The class of each image, from 0: of more than 256 classes as 16-bit numbers. */
export type ClassLabels = Uint8Array | Uint16Array;

/** Classes that a data set may have. */
export const mostClasses = 65_535;

/** Images of one split. The class of image i is `labels[i]`. */
export interface Split {
  /** The bytes of image i, from 0 to `count` - 1, channel by channel (CHW), made when first asked for or in memory before; not to be changed. */
  image(i: number): Uint8Array;
  readonly labels: ClassLabels;
  readonly count: number;
  /** Of pictures in files, the larger one that image i is the middle of, for crops at random. */
  readonly stored?: ((i: number) => Picture) | undefined;
  /** Of pictures in files, where they come from. */
  readonly originals?: Originals | undefined;
}

/** The pictures that a split's images were made of, by the images' places. */
export interface Originals {
  /** Where it lies, for people: a path from the source on. */
  place(i: number): string;
  /** The same for two files of the same bytes. */
  content(i: number): string;
  /** The whole picture, in its own size, decoded anew. Throws DATA_MISSING for one that is no longer what it was. */
  picture(i: number): Promise<Picture>;
}

/** Those of some images, by their places. */
export function someOriginals(originals: Originals, places: readonly number[]): Originals {
  return {
    place: (i) => originals.place(elementAt(places, i)),
    content: (i) => originals.content(elementAt(places, i)),
    picture: (i) => originals.picture(elementAt(places, i)),
  };
}

/** A labelled image collection with a training and a test split. */
export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  /** [channels, height, width] */
  readonly shape: readonly [number, number, number];
  readonly train: Split;
  /** Training images that were held out to choose by; see `holdOut`. */
  readonly validation?: Split | undefined;
  readonly test: Split;
  /** `validation` where `test` is the validation images, so that nobody looks at those for the test. */
  readonly measuredOn?: "validation";
  /** Per channel, on pixels / 255: x = (pixel / 255 - mean) / std, each step rounded to float32 as PyTorch does. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Whether its test images were drawn from all images, so that a network trained on all of them knows some. */
  readonly isTestDrawn?: boolean;
  /** How its images were made of pictures of any size, if they were. */
  readonly preparation?: Preparation | undefined;
  /** Of images that are drawn when first asked for: everything that they follow from, in place of them in a `fingerprint`. */
  readonly drawnFrom?: string;
  /** False where nobody knows the classes of the images: `classes` and all `labels` are empty. */
  readonly isLabelled?: boolean;
  /** The teacher whose answers stand for labels of the validation and test images, where nobody knows any: what is counted is agreement with it. */
  readonly answeredBy?: string;
}

export const someLabels: Kind = {
  expected: "a Uint8Array or a Uint16Array of classes",
  is: (value) => value instanceof Uint8Array || value instanceof Uint16Array,
};

/** For `checkArguments`. */
export const aSplit: Kind = having("a split", {
  image: aFunction,
  labels: someLabels,
  count: aNumber,
});
export const aDataset: Kind = having("a data set", {
  name: aString,
  classes: listOf(aString),
  shape: {
    expected: "[channels, height, width]",
    is: (value) => aShape.is(value) && (value as unknown[]).length === 3,
  },
  train: aSplit,
  test: aSplit,
  validation: optional(aSplit),
  mean: listOf(aNumber),
  std: listOf(aNumber),
});

/** A split in memory: image i is the i-th of `labels.length` equal parts of `pixels`. Throws SHAPE where it does not fall into them. */
export function splitOf(images: { readonly pixels: Uint8Array; readonly labels: ClassLabels }): Split {
  const { pixels, labels } = images;
  const count = labels.length;
  const size = pixels.length / count;
  if (!Number.isInteger(size)) {
    throw new LimbeckError(
      "SHAPE",
      `splitOf: pixels should hold a whole number of bytes for each of ${count} labels, got ${pixels.length}`,
    );
  }
  return { image: (i) => pixels.subarray(i * size, (i + 1) * size), labels, count };
}

/** Labels as a data set of so many classes has them: in bytes, unless there are more classes than a byte can tell. */
export function classLabels(labels: ArrayLike<number>, classes: number): ClassLabels {
  return classes > 256 ? Uint16Array.from(labels) : Uint8Array.from(labels);
}

/** All images of a split one after another: `splitOf` the other way round. */
export function pixelsOf(split: Split): Uint8Array {
  const size = split.image(0).length;
  const pixels = new Uint8Array(split.count * size);
  for (let i = 0; i < split.count; i++) pixels.set(split.image(i), i * size);
  return pixels;
}
