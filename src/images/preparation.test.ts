import { expect, test } from "vitest";
import { centreCrop, resizeShortSide } from "./crop.ts";
import type { Picture } from "./picture.ts";
import { preparedPicture } from "./preparation.ts";

function pictureOf(width: number, height: number, channels = 3): Picture {
  const pixels = Uint8Array.from({ length: channels * width * height }, (_, i) => (i * 37 + (i >> 5) * 11) % 256);
  return { channels, width, height, pixels };
}

test.each([
  [50, 30, 18],
  [31, 77, 16],
  [9, 9, 20],
  [300, 17, 19],
])("of %i x %i pixels, the middle of what Resize(%i) gives", (width, height, resize) => {
  const picture = pictureOf(width, height);
  expect(preparedPicture(picture, [3, 16, 16], { resize })).toEqual(centreCrop(resizeShortSide(picture, resize), 16));
});

test("without a description the shorter side becomes the image's", () => {
  const picture = pictureOf(40, 24);
  expect(preparedPicture(picture, [3, 16, 16])).toEqual(centreCrop(resizeShortSide(picture, 16), 16));
});

test("one of the network's size is taken as it is, in its channels", () => {
  const picture = pictureOf(16, 16);
  expect(preparedPicture(picture, [3, 16, 16], { resize: 18 })).toEqual(picture);
  expect(preparedPicture(picture, [1, 16, 16], { resize: 18 }).pixels).toHaveLength(256);
  expect(preparedPicture(pictureOf(8, 12, 1), [3, 12, 8]).channels).toBe(3);
});

test("images that are not square, and other channels, are refused", () => {
  expect(() => preparedPicture(pictureOf(20, 20), [3, 8, 16])).toThrow(/16 pixels wide and 8 high/);
  expect(() => preparedPicture(pictureOf(20, 20), [4, 8, 8])).toThrow(/takes 4/);
});
