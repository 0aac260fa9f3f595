import { expect, test } from "vitest";
import { classSizes, countByClass } from "./class-sizes.ts";
import { torchRandom } from "../random/index.ts";

test("the first class with the most images and the first with the fewest, of those that have any", () => {
  const counts = countByClass([1, 1, 3, 3, 0, 1, 3, 4], 6);
  expect(counts).toEqual([1, 3, 0, 3, 1, 0]);
  expect(classSizes(counts)).toMatchObject({
    largestClass: { label: 1, images: 3, percent: 37.5 },
    smallestClass: { label: 0, images: 1, percent: 12.5 },
  });
});

test.each([
  [[400, 200, 100, 40, 15], true],
  [[24, 8], true],
  [[20, 8], true],
  [[500, 500, 500, 10], true],
  [[199, 100], false],
  [[6, 2], false],
  [[7], false],
])("%j: unequal is %o", (counts, isUnequal) => {
  expect(classSizes(counts).isUnequal).toBe(isUnequal);
});

test("classes of images that are drawn evenly are seldom unequal", () => {
  const random = torchRandom(5);
  const samples = Array.from({ length: 1000 }, () => classSizes(countByClass(random.randint(60, 0, 10), 10)));
  const unequal = samples.filter(({ isUnequal }) => isUnequal).length;
  expect(unequal).toBeGreaterThan(10);
  expect(unequal).toBeLessThan(80);
});
