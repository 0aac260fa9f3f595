import { expect, test } from "vitest";
import { confusedPairs, recognised } from "./confused-pairs.ts";

//               0  1  2  3  4  5  6  7
const labels = [0, 0, 0, 1, 1, 2, 2, 2];
const said = [1, 1, 0, 0, 1, 2, 0, 9];

test("pairs are counted both ways, the more frequent way first, with examples of each in turn", () => {
  expect(confusedPairs(said, labels, { most: 9, examples: 2 })).toEqual([
    { a: 0, b: 1, aAsB: 2, bAsA: 1, examples: [0, 3] },
    { a: 2, b: 0, aAsB: 1, bAsA: 0, examples: [6] },
    { a: 2, b: 9, aAsB: 1, bAsA: 0, examples: [7] },
  ]);
  expect(confusedPairs(said, labels, { most: 1, examples: 0 })).toHaveLength(1);
  expect(confusedPairs([0, 1], [0, 1], { most: 9, examples: 2 })).toEqual([]);
});

test("two classes taken for each other as often are one pair", () => {
  expect(confusedPairs([1, 0], [0, 1], { most: 9, examples: 9 })).toEqual([
    { a: 0, b: 1, aAsB: 1, bAsA: 1, examples: [0, 1] },
  ]);
});

test("each class's images are counted, those of none too", () => {
  expect(recognised(said, labels, 4).map(({ images, of, percent }) => [images, of, percent])).toEqual([
    [1, 3, 100 / 3],
    [1, 2, 50],
    [1, 3, 100 / 3],
    [0, 0, undefined],
  ]);
});
