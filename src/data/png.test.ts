import { decode } from "fast-png";
import { expect, it } from "vitest";
import { splitOf } from "./dataset.ts";
import { imagePng } from "./png.ts";

const pixels = Uint8Array.of(9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6);

it("is a PNG with the image's colours", () => {
  const { width, height, channels, data } = decode(
    imagePng(splitOf({ pixels, labels: Uint8Array.of(0, 0) }), [3, 1, 2], 1),
  );
  expect({ width, height, channels, data: [...data] }).toEqual({
    width: 2,
    height: 1,
    channels: 3,
    data: [1, 3, 5, 2, 4, 6],
  });
});

it("is grey for one channel", () => {
  const { channels, data } = decode(imagePng(splitOf({ pixels, labels: new Uint8Array(6) }), [1, 2, 1], 4));
  expect({ channels, data: [...data] }).toEqual({ channels: 1, data: [3, 4] });
});

it("refuses an image that is not there, and two channels", () => {
  const split = splitOf({ pixels, labels: new Uint8Array(2) });
  expect(() => imagePng(split, [3, 1, 2], 2)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  expect(() => imagePng(split, [2, 1, 3], 0)).toThrow(expect.objectContaining({ code: "SHAPE" }));
});

it.each<[string, [number, number, number]]>([
  ["no height", [3, 0, 2]],
  ["a fraction of a pixel", [3, 0.5, 4]],
  ["a size that is no number", [3, Number.NaN, 2]],
  ["a negative size", [3, -1, -2]],
  ["more pixels than the image has", [3, 2, 2]],
  ["fewer", [3, 1, 1]],
  ["a size beyond a picture's", [3, 1e9, 1e9]],
])("%s is refused", (_, shape) => {
  const split = splitOf({ pixels: new Uint8Array(12), labels: Uint8Array.of(0, 0) });
  expect(() => imagePng(split, shape, 0)).toThrow(expect.objectContaining({ code: "SHAPE" }));
});
