import { expect, test } from "vitest";
import golden from "../interval.golden.json" with { type: "json" };
import { agreement, pairedDifference, share, wilson } from "./interval.ts";

test.each(golden.wilson as [number, number, [number, number]][])(
  "Wilson's interval of %i in %i",
  (images, of, [low, high]) => {
    expect(wilson(images, of)).toEqual([expect.closeTo(low, 9), expect.closeTo(high, 9)]);
  },
);

test("Wilson's interval ends at 0 for none and at 100 for all, and of no images it is everything", () => {
  expect(wilson(0, 10)[0]).toBe(0);
  expect(wilson(10, 10)[1]).toBe(100);
  expect(wilson(0, 10)[1]).toBeCloseTo(100 - wilson(10, 10)[0], 10);
  expect(share(0, 0)).toEqual({ images: 0, of: 0, interval: [0, 100] });
});

test.each(golden.paired as [number, number, number, number, [number, number]][])(
  "a paired difference: %i both right, %i gained, %i lost, %i neither",
  (both, gained, lost, neither, [low, high]) => {
    const n = both + gained + lost + neither;
    const labels = new Uint8Array(n);
    const before = Array.from({ length: n }, (_, i) => (i < both || (i >= both + gained && i < n - neither) ? 0 : 1));
    const after = Array.from({ length: n }, (_, i) => (i < both + gained ? 0 : 2));
    expect(pairedDifference(before, after, labels)).toEqual({
      gained,
      lost,
      points: expect.closeTo((100 * (gained - lost)) / n, 10),
      interval: [expect.closeTo(low, 9), expect.closeTo(high, 9)],
    });
  },
);

test("networks agree where they say the same, rightly or not", () => {
  expect(agreement([0, 1, 2, 1], [0, 1, 1, 2])).toEqual(share(2, 4));
});
