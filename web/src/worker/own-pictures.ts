/** @file A visitor's own pictures as a data set. */
import { LimbeckError, splitOf, type Dataset, type Split } from "limbeck";
import { decodePictureWeb, preparedPicture } from "limbeck/infer";
import type { LeftOut, OwnClass } from "../messages.ts";

/** Pixels of a side. */
const SIDE = 32;
/** One picture of so many is held out to be tested on, one of each class at least. */
const HELD_OUT = 5;

interface Labelled {
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** Files that are no pictures are left out, and `onLeftOut` is given them. Throws ARGUMENT for fewer than two classes of two pictures. */
export async function ownDataset(
  classes: readonly OwnClass[],
  onLeftOut: (files: readonly LeftOut[]) => void,
): Promise<Dataset> {
  if (classes.length < 2) {
    throw new LimbeckError("ARGUMENT", `own pictures should be of two classes or more, got ${classes.length}`);
  }
  const train: Labelled[] = [];
  const test: Labelled[][] = [];
  const leftOut: LeftOut[] = [];
  for (const [label, { name, pictures }] of classes.entries()) {
    const held: Labelled[] = [];
    let read = 0;
    for (const file of pictures) {
      const pixels = await pixelsOf(file).catch((error: unknown) => {
        if (!(error instanceof LimbeckError) || error.code !== "DATA_FORMAT") throw error;
        leftOut.push({ name, why: error.message });
      });
      if (!pixels) continue;
      (read % HELD_OUT === 0 ? held : train).push({ pixels, label });
      read++;
    }
    onLeftOut(leftOut);
    if (read < 2) {
      throw new LimbeckError(
        "ARGUMENT",
        `${name} should have two pictures or more, one to learn from and one to test on, got ${read} that can be read; add some to it`,
      );
    }
    test.push(held);
  }
  return {
    name: "own pictures",
    classes: classes.map(({ name }) => name),
    shape: [3, SIDE, SIDE],
    train: split(train),
    test: split(inTurn(test)),
    ...normalisation(train),
    preparation: { resize: SIDE, exif: true },
  };
}

/** Throws DATA_FORMAT for a file that is no picture, or is not there any more. */
async function pixelsOf(file: File): Promise<Uint8Array> {
  const bytes = await file.arrayBuffer().catch((cause: Error) => {
    throw new LimbeckError("DATA_FORMAT", `${file.name} cannot be read: ${cause.message}`, { cause });
  });
  const picture = await decodePictureWeb(file.name, new Uint8Array(bytes));
  return preparedPicture(picture, [3, SIDE, SIDE], { resize: SIDE }).pixels;
}

function split(images: readonly Labelled[]): Split {
  const pixels = new Uint8Array(images.length * 3 * SIDE * SIDE);
  for (const [i, image] of images.entries()) pixels.set(image.pixels, i * image.pixels.length);
  return splitOf({ pixels, labels: Uint8Array.from(images, ({ label }) => label) });
}

/** One of each class, then the next of each. */
function inTurn<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/** Mean and deviation of each channel, of pixels / 255. */
function normalisation(images: readonly Labelled[]): Pick<Dataset, "mean" | "std"> {
  const plane = SIDE * SIDE;
  const count = images.length * plane;
  const channels = [0, 1, 2].map((channel) => {
    let [sum, squares] = [0, 0];
    for (const { pixels } of images) {
      for (const byte of pixels.subarray(channel * plane, (channel + 1) * plane)) {
        sum += byte / 255;
        squares += (byte / 255) ** 2;
      }
    }
    const mean = sum / count;
    // Pictures of one colour have none.
    return { mean, std: Math.max(Math.sqrt(Math.max(squares / count - mean ** 2, 0)), 0.01) };
  });
  return { mean: channels.map(({ mean }) => mean), std: channels.map(({ std }) => std) };
}
