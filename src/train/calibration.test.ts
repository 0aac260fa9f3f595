import { expect, test } from "vitest";
import golden from "./calibration.golden.json" with { type: "json" };
import { calibration, confidenceOf } from "./calibration.ts";

test("the confidence of logits 0 and ln 3 is 3/4, and large logits do not overflow", () => {
  // The logits are float32: the last digits are theirs.
  expect(confidenceOf(Float32Array.of(0, Math.log(3)), 1)).toBeCloseTo(0.75, 7);
  expect(confidenceOf(Float32Array.of(88, 3000, 3000, -3000), 1)).toBe(0.5);
  expect(confidenceOf(Float32Array.of(0, -Infinity), 0)).toBe(1);
  expect(confidenceOf(Float32Array.of(0, Infinity), 1)).toBeNaN();
});

test("a confidence on the edge of two bins is in the lower one", () => {
  const meter = calibration();
  for (const confidence of [1 / 15, 0.2, 0.2 + 1e-9, 1]) meter.add(confidence, confidence === 1);
  const filled = meter.bins().flatMap(({ images, correct }, bin) => (images > 0 ? [[bin, images, correct]] : []));
  expect(filled).toEqual([
    [0, 1, 0],
    [2, 1, 0],
    [3, 1, 0],
    [14, 1, 1],
  ]);
});

test("bins are NumPy's", () => {
  const meter = calibration();
  for (const [i, row] of golden.logits.entries()) {
    const predicted = row.indexOf(Math.max(...row));
    meter.add(confidenceOf(Float32Array.from(row), predicted), predicted === golden.labels[i]);
  }
  for (const [b, { images, correct, confidence }] of meter.bins().entries()) {
    expect([images, correct]).toEqual([golden.bins[b]!.images, golden.bins[b]!.correct]);
    expect(confidence).toBeCloseTo(golden.bins[b]!.confidence, 10);
  }
});
