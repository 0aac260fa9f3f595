import { expect, test } from "vitest";
import { exponential, softmax } from "./softmax.ts";

test("e to the power of numbers from -700 to 0 is right within 4 last bits", () => {
  const errors = Array.from({ length: 70_001 }, (_, i) => exponential(-i / 100.03) / Math.exp(-i / 100.03) - 1);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * Number.EPSILON);
  expect([exponential(0), exponential(-1e-20), exponential(-1e5), exponential(-Infinity)]).toEqual([1, 1, 0, 0]);
  expect(exponential(-740)).toBeCloseTo(Math.exp(-740), 320);
});

test("bits that other engines give, too", () => {
  expect(exponential(-1)).toBe(0.36787944117144233);
  expect([...softmax([1, 2, 4], 4)]).toEqual([...softmax([-2, -1, 1], 1)]);
  expect(softmax([3, -Infinity, 3], 3)).toEqual(Float64Array.of(0.5, 0, 0.5));
});
