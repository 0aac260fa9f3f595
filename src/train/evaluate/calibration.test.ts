import { expect, test } from "vitest";
import golden from "../calibration.golden.json" with { type: "json" };
import { calibration, calibrationError } from "./calibration.ts";
import { sayingOf } from "./evaluation.ts";

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

test("bins and the calibration error are NumPy's", () => {
  const meter = calibration();
  for (const [i, row] of golden.logits.entries()) {
    const label = golden.labels[i]!;
    const { predicted, confidence } = sayingOf(Float32Array.from(row), label)!;
    meter.add(confidence, predicted === label);
  }
  for (const [b, { images, correct, confidence }] of meter.bins().entries()) {
    expect([images, correct]).toEqual([golden.bins[b]!.images, golden.bins[b]!.correct]);
    expect(confidence).toBeCloseTo(golden.bins[b]!.confidence, 10);
  }
  expect(calibrationError(meter.bins())).toBeCloseTo(100 * golden.ece, 10);
});

test("no images have no calibration error", () => {
  expect(calibrationError(calibration().bins())).toBe(0);
});
