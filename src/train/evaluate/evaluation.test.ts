import { expect, test } from "vitest";
import golden from "../calibration.golden.json" with { type: "json" };
import { figuresOf, sayingOf, tally } from "./evaluation.ts";

test("the confidence of logits 0 and ln 3 is 3/4, and large logits do not overflow", () => {
  // The logits are float32: the last digits are theirs.
  expect(sayingOf(Float32Array.of(0, Math.log(3)), 0)).toEqual({
    predicted: 1,
    confidence: expect.closeTo(0.75, 7),
    loss: expect.closeTo(Math.log(4), 7),
  });
  expect(sayingOf(Float32Array.of(88, 3000, 3000, -3000), 0)).toEqual({
    predicted: 1,
    confidence: 0.5,
    loss: 2912 + Math.LN2,
  });
  expect(sayingOf(Float32Array.of(0, -Infinity), 1)).toEqual({ predicted: 0, confidence: 1, loss: Infinity });
  for (const bad of [
    [0, Infinity],
    [Number.NaN, 0],
    [0, Number.NaN],
    [-Infinity, -Infinity],
  ]) {
    expect(sayingOf(Float32Array.from(bad), 0)).toBeUndefined();
  }
});

test("figures of NumPy's five classes follow from their logits", () => {
  const counted = tally(5);
  for (const [i, row] of golden.logits.entries()) {
    counted.add(golden.labels[i]!, sayingOf(Float32Array.from(row), golden.labels[i]!)!);
  }
  const { accuracy, correct, count, perClass, calibrationError, crossEntropy, predictions } = counted.evaluation();
  expect({ accuracy, count, calibrationError, crossEntropy }).toEqual({
    accuracy: expect.closeTo((100 * correct) / 120, 10),
    count: 120,
    calibrationError: expect.closeTo(100 * golden.ece, 10),
    crossEntropy: expect.closeTo(golden.crossEntropy, 10),
  });
  expect(perClass.map(({ images, of }) => [images, of])).toEqual(
    [0, 1, 2, 3, 4].map((label) => {
      const own = predictions.filter((_, i) => golden.labels[i] === label);
      return [own.filter((said) => said === label).length, own.length];
    }),
  );
});

test("of unequal classes, the mean over classes, and what always saying the largest comes to; a class without images counts for neither", () => {
  const counted = tally(4);
  const say = (label: number, predicted: number, times: number): void => {
    for (let i = 0; i < times; i++) counted.add(label, { predicted, confidence: 0.9 });
  };
  say(1, 1, 76);
  say(1, 0, 4);
  say(0, 0, 3);
  say(0, 1, 12);
  say(3, 1, 5);
  const evaluation = counted.evaluation();
  expect(evaluation).toMatchObject({
    accuracy: 79,
    balancedAccuracy: expect.closeTo((95 + 20 + 0) / 3, 10),
    largestClass: { label: 1, images: 80, percent: 80 },
    smallestClass: { label: 3, images: 5, percent: 5 },
    isUnequal: true,
  });
  // What a record is held to follows from its matrix.
  const { balancedAccuracy, largestClass, smallestClass } = evaluation;
  expect(figuresOf(evaluation)).toMatchObject({ balancedAccuracy, largestClass, smallestClass });
});

test("a class without images has no accuracy, and an infinite loss leaves none", () => {
  const counted = tally(3);
  counted.add(0, { predicted: 1, confidence: 0.9, loss: Infinity });
  const { perClass, confusion, crossEntropy } = counted.evaluation();
  expect(perClass[2]).toEqual({ images: 0, of: 0, interval: [0, 100] });
  expect(confusion).toEqual([
    [0, 1, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(crossEntropy).toBeUndefined();
});

test("counts alone give the interval, and no calibration error where there are no bins", () => {
  expect(figuresOf({ correct: 5, count: 10, confusion: [] })).toEqual({
    interval: [expect.closeTo(23.66, 2), expect.closeTo(76.34, 2)],
    perClass: [],
  });
});
