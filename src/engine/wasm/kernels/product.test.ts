import { expect, test } from "vitest";
import { blocks } from "./product.ts";

test.each([4, 6])(
  "rows fall into blocks of at most %i, all rows once, small blocks only where they must be",
  (most) => {
    for (let rows = 1; rows <= 200; rows++) {
      const runs = blocks(rows, most);
      expect(runs.reduce((sum, { height, count }) => sum + height * count, 0)).toBe(rows);
      for (const { height, count } of runs) {
        expect(height).toBeLessThanOrEqual(most);
        expect(Math.min(height, count)).toBeGreaterThan(0);
        if (rows >= 2 * most) expect(height).toBeGreaterThanOrEqual(most - 2);
      }
    }
  },
);

test("32 rows, an image's, become 6 + 6 + 6 + 5 + 5 + 4 or better", () => {
  const heights = blocks(32, 6).flatMap(({ height, count }) => Array<number>(count).fill(height));
  expect(heights.length).toBe(6);
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(4);
});
