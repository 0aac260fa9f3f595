import { expect, test } from "vitest";
import { curvesByTerm, smooth, thin, type StepLoss } from "./curves.ts";

test("smoothing keeps a constant, and a straight line in the middle: no lag", () => {
  expect(smooth([3, 3, 3, 3], 10)).toEqual([3, 3, 3, 3]);
  const line = Array.from({ length: 201 }, (_, i) => i);
  expect(smooth(line, 9)[100]).toBeCloseTo(100, 6);
});

test("a span of one leaves the values as they are; less is refused", () => {
  expect(smooth([1, 5, 2], 1)).toEqual([1, 5, 2]);
  expect(() => smooth([1], 0)).toThrowError(expect.objectContaining({ code: "ARGUMENT" }));
  expect(() => smooth([1], Number.NaN)).toThrowError(expect.objectContaining({ code: "ARGUMENT" }));
});

test("two values by hand: span 3 has β = 1/2", () => {
  // Left: 0, (0·½ + 3) / 1.5 = 2; right: (0 + 3·½) / 1.5 = 1, 3.
  expect(smooth([0, 3], 3)).toEqual([0.5, 2.5]);
});

test.each([
  [0, 4, []],
  [4, 4, [0, 1, 2, 3]],
  [5, 4, [0, 2, 4]],
  [10, 4, [0, 3, 6, 9]],
  [11, 4, [1, 4, 7, 10]],
])("thin(%i, %i) keeps the last", (length, most, kept) => {
  expect(thin(length, most)).toEqual(kept);
});

test("terms hold the runs that have them, with x in epochs", () => {
  const steps = (...terms: string[]): StepLoss[] =>
    [1, 2, 3, 4].map((step) => ({
      step,
      epoch: Math.ceil(step / 2),
      terms: Object.fromEntries(terms.map((term) => [term, step])),
    }));
  const runs = [
    { name: "a", title: "A" },
    { name: "none", title: "None" },
    { name: "b", title: "B" },
  ];
  const found = curvesByTerm(runs, { a: steps("ce"), b: steps("ce", "kd") });
  expect([...found.keys()]).toEqual(["ce", "kd"]);
  expect(found.get("ce")!.map(({ run, title }) => [run, title])).toEqual([
    [0, "A"],
    [2, "B"],
  ]);
  expect(found.get("kd")![0]).toMatchObject({ x: [0.5, 1, 1.5, 2], raw: [1, 2, 3, 4] });
});
