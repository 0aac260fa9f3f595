/** @file A learned temperature: how it is reversed, how that grows, and that it moves against the student. */
import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { createModel } from "../../models/index.ts";
import { countParameters } from "../../nn/index.ts";
import { gradients, input, sum } from "../../tensor/index.ts";
import { recordBatch } from "../../train/batch.ts";
import { learner } from "../../train/index.ts";
import type { BatchPosition } from "../../train/step-input.ts";
import { curriculum, learnedTemperatureLoss, reversed } from "./ctkd.ts";
import { objectiveNamed } from "../index.ts";

test("the curriculum: nothing before the first epoch, half in the middle, all from the last of its epochs on, and by a cosine", () => {
  expect([0, 5, 10, 11, 240].map((epoch) => curriculum(epoch, 10))).toEqual(
    [0, 0.5, 1, 1, 1].map((value) => expect.closeTo(value, 12)),
  );
  expect(curriculum(1, 10)).toBeCloseTo((1 - Math.cos(Math.PI / 10)) / 2, 12);
});

test("reversed: the same value, and the gradient times minus its strength", async () => {
  const [x, strength] = [input("x", [3]), input("strength", [])];
  const value = reversed(x, strength);
  const outputs = { value, gradient: gradients(sum(value), [x])[0]! };
  const program = await referenceEngine().compile({ outputs, updates: [] });
  for (const given of [0, 0.25, 1]) {
    const values = Float32Array.of(0.1, -3e7, 1e-9);
    const found = await program.run({ x: values, strength: Float32Array.of(given) });
    expect(found["value"]).toEqual(values);
    expect([...found["gradient"]!].map((g) => g + 0)).toEqual([-given, -given, -given].map((g) => g + 0));
  }
});

test("a step down the gradient raises the loss through the temperature, and lowers it through the logits", async () => {
  const [s, t, temperature] = [input("s", [2, 3]), input("t", [2, 3]), input("temperature", [])];
  const loss = learnedTemperatureLoss(s, t, reversed(temperature, input("strength", [])));
  const [bySlope, byLogits] = gradients(loss, [temperature, s]);
  const engine = referenceEngine({ precision: "float64" });
  const program = await engine.compile({ outputs: { loss, bySlope: bySlope!, byLogits: byLogits! }, updates: [] });
  const at = async (logits: readonly number[], T: number) => {
    const given = { s: Float32Array.from(logits), t: Float32Array.of(3, -1, 0, 0.5, 2, -2) };
    return program.run({ ...given, temperature: Float32Array.of(T), strength: Float32Array.of(1) });
  };
  const first = [0, 1, -1, 0.25, 0, 0.5];
  const before = await at(first, 4);
  const later = (values: readonly number[], slopes: ArrayLike<number>) => values.map((x, i) => x - 0.5 * slopes[i]!);
  const warmer = await at(first, later([4], before["bySlope"]!)[0]!);
  expect(warmer["loss"]![0]).toBeGreaterThan(before["loss"]![0]!);
  const closer = await at(later(first, before["byLogits"]!), 4);
  expect(closer["loss"]![0]).toBeLessThan(before["loss"]![0]!);
});

test("a step is given the strength of its epoch; one number is trained beside the student", () => {
  const subject = learner(
    createModel("resnet8"),
    objectiveNamed("kd+ctkd", { "ctkd.kdWeight": 1 }),
    createModel("resnet14"),
  );
  expect(Object.keys(subject.auxiliaries)).toEqual(["ctkd/temperature"]);
  expect(countParameters(subject.auxiliaries["ctkd/temperature"]!.module)).toBe(1);
  const { batch, inputs } = recordBatch(subject, 2, {});
  expect(Object.keys(subject.objective.losses(batch))).toEqual(["kd.kd", "ce", "ctkd.kd"]);
  const { fill } = inputs().find(({ symbol }) => symbol.attributes.name === "by epoch ctkd/reversal")!;
  const at = (phaseEpoch: number): number => {
    const values = new Float32Array(1);
    fill(values, { phaseEpoch } as BatchPosition);
    return values[0]!;
  };
  expect([1, 5, 10, 30].map(at)).toEqual([1, 5, 10, 10].map((epoch) => Math.fround(curriculum(epoch, 10))));
});
