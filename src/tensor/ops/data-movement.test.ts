import { expect, test } from "vitest";
import {
  channelShuffle,
  clamp,
  concat,
  gradients,
  input,
  matmul,
  max,
  oneHot,
  indexCopy,
  slice,
  state,
  sum,
  indexSelect,
} from "../index.ts";

const x = input("x", [4, 3]);
const maps = input("maps", [2, 6, 5, 5]);
const indices = input("indices", [2, 5], "int32");

test("products of batches want as many matrices, and as many terms", () => {
  const [a, b] = [input("a", [3, 4, 5]), input("b", [3, 5, 2])];
  expect(matmul(a, b).shape).toEqual([3, 4, 2]);
  expect(matmul(a, a, { transposeA: true }).shape).toEqual([3, 5, 5]);
  expect(() => matmul(a, input("c", [2, 5, 2]))).toThrow(
    "matmul: B should be a batch of 3 matrices, as A is, got [2, 5, 2]",
  );
  expect(() => matmul(a, input("c", [5, 2]))).toThrow("matmul: B should be a batch of 3 matrices, as A is, got [5, 2]");
  expect(() => matmul(x, b)).toThrow("matmul: B should be a matrix, as A is, got [3, 5, 2]");
  expect(() => matmul(maps, maps)).toThrow(
    "matmul: A should be a matrix or a batch of matrices [B, M, K], got [2, 6, 5, 5]",
  );
  expect(() => matmul(a, a)).toThrow(/A has 5 terms to sum and B has 4/);
});

test("parts fit but for their axis", () => {
  expect(concat([maps, maps], 1).shape).toEqual([2, 12, 5, 5]);
  expect(concat([x, input("y", [4, 2])], -1).shape).toEqual([4, 5]);
  expect(() => concat([x, input("y", [3, 2])], 1)).toThrow(
    "concat: tensor 1 should be [4, 3] but for axis 1, got [3, 2]",
  );
  expect(() => concat([x, maps], 1)).toThrow(/tensor 1 should be \[4, 3\] but for axis 1, got \[2, 6, 5, 5\]/);
  expect(() => concat([], 0)).toThrow("concat: there should be at least one tensor, got none");
  expect(() => concat([x], 2)).toThrow(/concat: axes should be .* from -2 to 1, got \[2\]/);
});

test("a slice lies inside its axis", () => {
  expect(slice(maps, { axis: 1, from: 2 }).shape).toEqual([2, 4, 5, 5]);
  for (const [from, to] of [
    [2, 2],
    [-1, 2],
    [0, 4],
    [0.5, 2],
  ])
    expect(() => slice(x, { axis: 1, from: from!, to: to! })).toThrow(
      `slice: from and to should be whole numbers with 0 ≤ from < to ≤ 3, the size of axis 1 of [4, 3], got ${from} and ${to}`,
    );
});

test("rows are taken by indices of any shape, and put by as many as there are values", () => {
  expect(indexSelect(x, indices).shape).toEqual([2, 5, 3]);
  expect(indexSelect(maps, indices).shape).toEqual([2, 5, 6, 5, 5]);
  expect(() => indexSelect(x, x)).toThrow(/indexSelect: input 1 should be int32/);
  expect(() => indexSelect(sum(x), indices)).toThrow("indexSelect: x should be of at least one axis, got []");
  const two = input("two", [2], "int32");
  expect(indexCopy(x, two, input("values", [2, 3])).shape).toEqual([4, 3]);
  expect(() => indexCopy(x, two, x)).toThrow("indexCopy: the values should be [2, 3], got [4, 3]");
  expect(() => indexCopy(x, indices, x)).toThrow("indexCopy: the indices should be [K], got [2, 5]");
});

test("what puts rows has no gradient, and says so", () => {
  const bank = state("bank", [4, 3]);
  const changed = indexCopy(bank, input("two", [2], "int32"), input("values", [2, 3]));
  expect(() => gradients(sum(changed), [bank])).toThrow(/through indexCopy, which has no gradient/);
});

test("groups divide the channels that they shuffle", () => {
  expect(channelShuffle(maps, 3).shape).toEqual(maps.shape);
  expect(() => channelShuffle(maps, 4)).toThrow(
    "channelShuffle: groups should be a whole number that divides 6 channels, got 4",
  );
  expect(() => channelShuffle(x, 1)).toThrow("channelShuffle: x should be [N, C, H, W], got [4, 3]");
});

test("bounds are in order, labels a vector, classes a whole number, axes there", () => {
  expect(() => clamp(x, { min: 1, max: 0 })).toThrow("clamp: min should be at most max, got 1 and 0");
  expect(() => oneHot(indices, 3)).toThrow("oneHot: the labels should be [N], got [2, 5]");
  expect(() => oneHot(input("labels", [2], "int32"), 2.5)).toThrow(/every size should be a positive whole number/);
  expect(() => max(x, { axes: [0, 0] })).toThrow(/max: axes should be different whole numbers/);
});
