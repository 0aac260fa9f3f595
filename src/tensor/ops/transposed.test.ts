/** @file Transposed convolutions and enlarged maps say what does not fit. */
import { expect, test } from "vitest";
import { convTranspose2d, input, upsampleNearest2d } from "../index.ts";

const x = input("x", [2, 4, 5, 6]);

test("a transposed convolution's result is as large as the convolution's argument would be", () => {
  const weight = input("weight", [4, 3, 4, 3]);
  expect(convTranspose2d(x, weight, undefined, { stride: 2, padding: 1 }).shape).toEqual([2, 3, 10, 11]);
  const more = { stride: [2, 3], padding: 1, outputPadding: [1, 2] } as const;
  expect(convTranspose2d(x, weight, undefined, more).shape).toEqual([2, 3, 11, 18]);
});

test.each([
  [
    "the weight of other channels",
    () => convTranspose2d(x, input("w", [3, 4, 3, 3])),
    "SHAPE",
    /x should be \[N, 3, H, W\]/,
  ],
  ["a matrix as the weight", () => convTranspose2d(x, input("w", [4, 3])), "SHAPE", /the weight should be \[I, O/],
  [
    "the bias",
    () => convTranspose2d(x, input("w", [4, 3, 3, 3]), input("b", [4])),
    "SHAPE",
    /the bias should be \[3\]/,
  ],
  ["groups", () => convTranspose2d(x, input("w", [4, 3, 3, 3]), undefined, { groups: 3 }), "SHAPE", /3 groups divide/],
  [
    "too much padding",
    () => convTranspose2d(x, input("w", [4, 3, 3, 3]), undefined, { padding: 4 }),
    "SHAPE",
    /padding 4/,
  ],
  [
    "a stride of 0",
    () => convTranspose2d(x, input("w", [4, 3, 3, 3]), undefined, { stride: 0 }),
    "ARGUMENT",
    /^convTranspose2d: stride/,
  ],
  [
    "as much outputPadding as a step",
    () => convTranspose2d(x, input("w", [4, 3, 3, 3]), undefined, { stride: 2, outputPadding: 2 }),
    "ARGUMENT",
    /^convTranspose2d: outputPadding .*below the stride of 2, 2, got 2, 2/,
  ],
  ["an enlarged matrix", () => upsampleNearest2d(input("m", [2, 3]), 2), "SHAPE", /\[N, C, H, W\], got \[2, 3\]/],
  ["a scale of 1.5", () => upsampleNearest2d(x, 1.5), "ARGUMENT", /whole numbers from 1, got 1.5/],
])("%s", (_, build, code, message) => {
  expect(build).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
