/** @file Images of a data set as a page shows them. */
import type { Dataset } from "../../../src/data/dataset.ts";

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
    shownImage(test.image(i), width, height, classes[test.labels[i]!]!),
  );
}

function shownImage(planes: Uint8Array, width: number, height: number, label: string): Shown {
  const pixels = new ImageData(width, height);
  const size = width * height;
  for (let i = 0; i < size; i++) pixels.data.set([planes[i]!, planes[size + i]!, planes[2 * size + i]!, 255], 4 * i);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return { pixels, address: canvas.toDataURL(), label };
}
