/** @file A data set's image as a PNG in a data URI. */
import { encode } from "fast-png";
import type { Dataset } from "../data/dataset.ts";

/** Image `index` of the test split. Channels: 1 grey, 3 RGB. */
export function pngDataUri({ shape, test }: Pick<Dataset, "shape" | "test">, index: number): string {
  const [channels, height, width] = shape;
  const area = height * width;
  const planar = test.pixels.subarray(index * channels * area, (index + 1) * channels * area);
  const interleaved = Uint8Array.from(planar, (_, i) => planar[(i % channels) * area + Math.floor(i / channels)]!);
  const png = encode({ width, height, channels, depth: 8, data: interleaved });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
