/** @file An image of three planes, as a canvas takes it. */

/** `pixels` are [3, height, width]. */
export function imageDataOf(pixels: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  const plane = width * height;
  for (let i = 0; i < plane; i++)
    image.data.set([pixels[i] ?? 0, pixels[plane + i] ?? 0, pixels[2 * plane + i] ?? 0, 255], 4 * i);
  return image;
}
