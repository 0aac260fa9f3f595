/** @file Changes of images beside Pillow's bytes (changes.golden.py). */
import { expect, test } from "vitest";
import * as colours from "./colours.ts";
import type { PictureChange } from "./colours.ts";
import * as moves from "./moves.ts";
import type { Picture } from "./picture.ts";
import golden from "./changes.golden.json" with { type: "json" };

const { covered, shifted, ...moving } = moves;
const changes: Readonly<Record<string, PictureChange>> = { ...colours, ...moving };

function pictureNamed(name: string): Picture {
  const { shape, pixels } = golden.images[name as keyof typeof golden.images];
  const [channels, height, width] = shape as [number, number, number];
  return { channels, height, width, pixels: Uint8Array.from(pixels) };
}

test("every change has Pillow's bytes, and leaves the image as it was", () => {
  expect(new Set(golden.changes.map(({ change }) => change))).toEqual(new Set(Object.keys(changes)));
  for (const { image, change, value, result } of golden.changes) {
    const picture = pictureNamed(image);
    const { pixels, ...size } = changes[change]!(picture, value);
    expect([...pixels], `${change} ${value} of ${image}`).toEqual(result);
    expect({ ...size, pixels: picture.pixels }).toEqual(pictureNamed(image));
  }
});

test("an image is shifted and mirrored as Pillow does it", () => {
  for (const { image, result, ...by } of golden.shifts) {
    expect([...shifted(pictureNamed(image), { ...by, border: "black" }).pixels], JSON.stringify(by)).toEqual(result);
  }
});

test("a rectangle is covered up to its last row and column, as far as it lies in the image", () => {
  for (const { image, result, from, to } of golden.covers) {
    const picture = pictureNamed(image);
    const box = { from: from as [number, number], to: to as [number, number] };
    const colour = picture.channels === 3 ? [125, 123, 114] : [123];
    expect([...covered(picture, box, colour).pixels], JSON.stringify(box)).toEqual(result);
  }
});
