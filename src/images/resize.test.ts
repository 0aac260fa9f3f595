import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { FilterName } from "./filters.ts";
import { fromInterleaved, type Picture } from "./picture.ts";
import { centreCrop } from "./crop.ts";
import { resize, type Rectangle } from "./resize.ts";
import golden from "./resize.golden.json" with { type: "json" };

/** Noise as resize.golden.py makes it. */
function noise(channels: number, width: number, height: number, seed: number): Picture {
  let state = seed;
  const samples = Uint8Array.from({ length: channels * width * height }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return fromInterleaved(samples, { channels, width, height, stride: channels });
}

/** The checksum of the samples, interleaved. */
function digest({ channels, pixels }: Picture): string {
  const plane = pixels.length / channels;
  const samples = pixels.map((_, i) => pixels[(i % channels) * plane + Math.floor(i / channels)]!);
  return createHash("sha256").update(samples).digest("hex").slice(0, 32);
}

test("pictures are resized to Pillow's very bytes, up and down, by every filter, whole or in part", () => {
  expect(golden.cases.length).toBe(84);
  for (const [index, { channels, size, to, filter, box, sha256 }] of golden.cases.entries()) {
    const [width, height] = size as [number, number];
    const [toWidth, toHeight] = to as [number, number];
    const from = box && rectangle(box as [number, number, number, number]);
    const resized = resize(
      noise(channels, width, height, index),
      { width: toWidth, height: toHeight },
      { filter: filter as FilterName, ...(from && { from }) },
    );
    expect([index, digest(resized)]).toEqual([index, sha256]);
  }
});

test("a part of the result is what it would be if it were cut out afterwards", () => {
  const picture = noise(3, 62, 40, 3);
  for (const [width, height] of [
    [30, 90],
    [62, 40],
    [62, 20],
    [100, 40],
  ] as const) {
    const all = resize(picture, { width, height }, { filter: "bicubic" });
    const only = { left: (width - 10) / 2, top: (height - 10) / 2, width: 10, height: 10 };
    expect(resize(picture, { width, height }, { filter: "bicubic", only })).toEqual(centreCrop(all, 10));
  }
});

describe("what cannot be resized is refused", () => {
  const picture = noise(1, 8, 4, 1);
  const size = { width: 2, height: 2 };
  test.each([
    ["ARGUMENT", "width should be", () => resize(picture, { width: 0, height: 2 })],
    ["ARGUMENT", "height should be", () => resize(picture, { width: 1, height: 1.5 })],
    ["ARGUMENT", "from should be", () => resize(picture, size, { from: { left: 0, top: 0, width: 9, height: 4 } })],
    ["ARGUMENT", "from should be", () => resize(picture, size, { from: { left: 0, top: 0, width: 0, height: 4 } })],
    ["ARGUMENT", "only should be", () => resize(picture, size, { only: { left: 0.5, top: 0, width: 1, height: 1 } })],
    ["SHAPE", "resize: a picture", () => resize({ ...picture, height: 5 }, size)],
    ["SHAPE", "resize: a picture", () => resize({ ...picture, width: 0, pixels: new Uint8Array() }, size)],
    ["UNKNOWN_NAME", "did you mean bicubic", () => resize(picture, size, { filter: "bicubik" as FilterName })],
  ])("%s: %s", (code, words, call) => {
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }));
  });
});

function rectangle([left, top, right, bottom]: readonly [number, number, number, number]): Rectangle {
  return { left, top, width: right - left, height: bottom - top };
}
