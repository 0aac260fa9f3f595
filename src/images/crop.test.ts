import { expect, test } from "vitest";
import { centreCrop, resizeShortSide, shortSideSize } from "./crop.ts";

test("the longer side is rounded down, as torchvision's int(size * long / short)", () => {
  expect(shortSideSize({ width: 500, height: 375 }, 224)).toEqual({ width: 298, height: 224 });
  expect(shortSideSize({ width: 375, height: 500 }, 224)).toEqual({ width: 224, height: 298 });
  expect(shortSideSize({ width: 7, height: 7 }, 74)).toEqual({ width: 74, height: 74 });
  expect(shortSideSize({ width: 1000, height: 1 }, 3)).toEqual({ width: 3000, height: 3 });
});

test("the middle is torchvision's: halves go to the even side, and a smaller picture gets a black edge", () => {
  const row = (width: number) => ({
    channels: 1,
    height: 1,
    width,
    pixels: Uint8Array.from({ length: width }, (_, i) => i + 1),
  });
  const cut = (from: number, to: number) => [...centreCrop(row(from), 1, to).pixels];
  expect(cut(6, 4)).toEqual([2, 3, 4, 5]);
  expect(cut(5, 4)).toEqual([1, 2, 3, 4]); // 0.5 becomes 0
  expect(cut(7, 4)).toEqual([3, 4, 5, 6]); // 1.5 becomes 2
  expect(cut(9, 4)).toEqual([3, 4, 5, 6]); // 2.5 becomes 2
  expect(cut(3, 6)).toEqual([0, 1, 2, 3, 0, 0]);
  expect(cut(3, 5)).toEqual([0, 1, 2, 3, 0]);
  const two = { channels: 2, height: 2, width: 3, pixels: Uint8Array.from({ length: 12 }, (_, i) => i) };
  expect([...centreCrop(two, 3, 1).pixels]).toEqual([1, 4, 0, 7, 10, 0]);
});

test("a picture of one pixel can be made as large as any", () => {
  const { width, height, pixels } = resizeShortSide({ channels: 1, height: 1, width: 1, pixels: Uint8Array.of(9) }, 5);
  expect([width, height, ...new Set(pixels)]).toEqual([5, 5, 9]);
  expect(() => resizeShortSide({ channels: 1, height: 1, width: 1, pixels: Uint8Array.of(9) }, 0)).toThrow("positive");
});
