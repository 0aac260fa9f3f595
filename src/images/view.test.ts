import { expect, test } from "vitest";
import { centreCrop, resizeShortSide } from "./crop.ts";
import { storedPicture, viewOf } from "./view.ts";

const picture = (width: number, height: number) => ({
  channels: 1,
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24),
});

test("the view is torchvision's Resize and CenterCrop, for pictures of any shape", () => {
  for (const [width, height] of [
    [40, 30],
    [31, 77],
    [200, 9],
    [203, 9],
    [7, 301],
    [1, 1],
    [500, 1],
  ] as const) {
    for (const size of [8, 9, 13]) {
      const all = centreCrop(resizeShortSide(picture(width, height), Math.round(1.15 * size)), size);
      expect(viewOf(picture(width, height), size)).toEqual(all);
    }
  }
});

test("a picture of the view's size is kept as it is; of a long one the middle is kept", () => {
  expect(storedPicture(picture(8, 8), 8)).toEqual(picture(8, 8));
  const { width, height } = storedPicture(picture(89_000, 1), 20);
  expect([width, height]).toEqual([68, 23]);
  const tall = storedPicture(picture(10, 20), 20);
  expect([tall.width, tall.height]).toEqual([23, 46]);
});
