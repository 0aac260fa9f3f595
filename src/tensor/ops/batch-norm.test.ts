import { expect, test } from "vitest";
import { batchMoments, batchNormEval, batchNormTrain, gradients, input, row, sum } from "../index.ts";

const x = input("x", [2, 3, 4, 4]);
const moments = batchMoments(x);
const parameters = { weight: input("weight", [3]), bias: input("bias", [3]), eps: 1e-5 };

test("normalises images and vectors, and nothing else", () => {
  expect(batchNormTrain(x, moments, parameters).shape).toEqual([2, 3, 4, 4]);
  expect(batchMoments(input("rows", [5, 7])).shape).toEqual([2, 7]);
  expect(() => batchMoments(input("x", [2, 3, 4]))).toThrow(
    "batchMoments: x should be [N, C] or [N, C, H, W], got [2, 3, 4]",
  );
});

test("refuses moments of another tensor, with which its gradient would be wrong", () => {
  const other = batchMoments(input("y", [2, 3, 4, 4]));
  expect(() => batchNormTrain(x, other, parameters)).toThrow(/moments should be batchMoments\(x\) of the same x/);
});

test("refuses parameters of other channels and an eps that is no number from 0", () => {
  const narrow = input("weight", [2]);
  expect(() => batchNormTrain(x, moments, { ...parameters, weight: narrow })).toThrow(
    "batchNormTrain: the weight should be [3], got [2]",
  );
  expect(() => batchNormEval(x, row(moments, 0), narrow, parameters)).toThrow(
    /the variance should be \[3\], got \[2\]/,
  );
  expect(() => batchNormTrain(x, moments, { ...parameters, eps: Number.NaN })).toThrow(/eps should be a number from 0/);
});

test("refuses a row that is not there, and gradients of moments by themselves", () => {
  expect(() => row(moments, 2)).toThrow("row: the index should be a whole number from 0 to 1, got 2");
  expect(() => row(x, 0)).toThrow(/x should be a matrix/);
  expect(() => gradients(sum(moments), [x])).toThrow(/through batchMoments, which has no gradient/);
});
