/** @file Images of a data set as a page shows them. */
import type { Dataset } from "../../../src/data/dataset.ts";
import { imageDataOf } from "../../../web/src/image-data.ts";

export interface Shown {
  readonly pixels: ImageData;
  /** A data URL. */
  readonly address: string;
  readonly label: string;
}

/** The test images, with their classes. */
export function splitOf({ test, shape, classes }: Dataset): readonly Shown[] {
  const [, height, width] = shape;
  return Array.from({ length: test.count }, (_, i) =>
    shownImage(imageDataOf(test.image(i), width, height), classes[test.labels[i]!]!),
  );
}

function shownImage(pixels: ImageData, label: string): Shown {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [pixels.width, pixels.height];
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return { pixels, address: canvas.toDataURL(), label };
}
