/** @file Refined logits where the teacher is wrong, sure, undecided, or has nothing to rank. */
import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { gradients, input } from "../../tensor/index.ts";
import { refinedLosses } from "./rld.ts";

const temperatures = { temperature: 1, confidenceTemperature: 1 };

/** Both losses of one image, and their gradients by the student's logits. */
async function losses(student: readonly number[], teacher: readonly number[], label: number) {
  const [s, t, y] = [input("s", [1, student.length]), input("t", [1, teacher.length]), input("y", [1], "int32")];
  const { confidence, correlation } = refinedLosses(s, t, y, temperatures);
  const slopes = { byConfidence: gradients(confidence, [s])[0]!, byCorrelation: gradients(correlation, [s])[0]! };
  const program = await referenceEngine().compile({ outputs: { confidence, correlation, ...slopes }, updates: [] });
  const given = { s: Float32Array.from(student), t: Float32Array.from(teacher), y: Int32Array.of(label) };
  const found = await program.run(given);
  return {
    confidence: found["confidence"]![0]!,
    correlation: found["correlation"]![0]!,
    byConfidence: [...found["byConfidence"]!],
    byCorrelation: [...found["byCorrelation"]!],
  };
}

test("a teacher that is wrong passes its confidence on to the label's class", async () => {
  const teacher = [4, 1, 0, -1];
  // The student is for class 2, the label, what the teacher is for class 0.
  const { confidence, byConfidence } = await losses([0, 1, 4, -1], teacher, 2);
  expect(confidence).toBeCloseTo(0, 6);
  expect(Math.max(...byConfidence.map(Math.abs))).toBeLessThan(1e-6);
  expect((await losses(teacher, teacher, 2)).confidence).toBeGreaterThan(1);
  expect((await losses(teacher, teacher, 0)).confidence).toBeCloseTo(0, 6);
});

test("only classes that the teacher puts below the label's are compared, and get a gradient", async () => {
  const { correlation, byCorrelation } = await losses([0, 0, 0, 0], [4, 1, 0, -1], 1);
  const p = Math.exp(0) / (Math.exp(0) + Math.exp(-1));
  expect(correlation).toBeCloseTo(Math.log(2) + p * Math.log(p) + (1 - p) * Math.log(1 - p), 5);
  expect(byCorrelation.slice(0, 2).map((g) => g + 0)).toEqual([0, 0]);
  expect(byCorrelation[2]).toBeCloseTo(0.5 - p, 5);
  const none = await losses([5, -2, 0, 1e6], [4, 1, 0, -1], 3);
  expect(none.correlation).toBe(0);
  expect(none.byCorrelation.map((g) => g + 0)).toEqual([0, 0, 0, 0]);
});

test("a sure teacher loses no digits, and classes that are equally probable count as all others do", async () => {
  // 1 - p is 3e-13, far below what float32 tells from 1.
  const sure = await losses([0, 0, 0, 0], [30, 0, 0, 0], 0);
  expect(sure.confidence).toBeCloseTo(Math.log(4), 5);
  const undecided = await losses([1, 0, 0, 0], [2, 2, 0, 0], 0);
  const m = Math.exp(2) / (2 * Math.exp(2) + 2);
  const p = Math.E / (Math.E + 3);
  expect(undecided.confidence).toBeCloseTo(m * Math.log(m / p) + (1 - m) * Math.log((1 - m) / (1 - p)), 5);
  const alike = await losses([1, 0, 0, 0], [7, 7, 7, 7], 0);
  expect(alike.confidence).toBeCloseTo(0.25 * Math.log(0.25 / p) + 0.75 * Math.log(0.75 / (1 - p)), 5);
});
