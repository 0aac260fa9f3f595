import { expect, test } from "vitest";
import { mean, median, standardDeviation } from "./statistics.ts";

test("the median of an odd and of an even number of values, in any order", () => {
  expect(median([30, 1, 200])).toBe(30);
  expect(median([4, 1, 100, 2])).toBe(3);
  expect(median([7])).toBe(7);
});

test("the mean, and the deviation of a sample: n - 1 below", () => {
  expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
});

test("one value has no deviation", () => {
  expect(standardDeviation([70.1])).toBeUndefined();
});

test("no values are refused", () => {
  for (const statistic of [mean, median, standardDeviation]) {
    expect(() => statistic([])).toThrow(/expected at least one value, got none/);
  }
});
