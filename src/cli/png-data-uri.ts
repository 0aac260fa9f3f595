/** @file A test image as a data URI, to be put into the report. */
import type { Dataset } from "../data/dataset.ts";
import { imagePng } from "../data/png.ts";

/** Image `index` of the test split. Throws as `imagePng`. */
export function pngDataUri({ shape, test }: Pick<Dataset, "shape" | "test">, index: number): string {
  return `data:image/png;base64,${Buffer.from(imagePng(test, shape, index)).toString("base64")}`;
}
