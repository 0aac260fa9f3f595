import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { createScheduled, scalarsAt, schedule, schedules, warmedUp } from "./index.ts";
import golden from "./schedules.golden.json" with { type: "json" };

const { learningRate, length } = golden;

describe.each(golden.cases.map((torch, i) => ({ ...torch, case: i + 1 })))("$schedule, case $case", (torch) => {
  const rest = { ...length, steps: length.steps - torch.warmUp };
  const plain = schedule(torch.schedule, learningRate, rest, torch.options);
  const whole = torch.warmUp > 0 ? warmedUp(plain, torch.warmUp) : plain;

  test("has PyTorch's learning rate at every step", () => {
    for (const [i, expected] of torch.learningRate.entries()) {
      expect(Math.abs(whole.learningRate(i + 1) - expected), `step ${i + 1}`).toBeLessThan(1e-12);
    }
  });

  test("has PyTorch's momentum where it sets one", () => {
    expect(whole.momentum !== undefined).toBe(torch.schedule === "one-cycle");
    for (const [i, expected] of torch.momentum.entries()) {
      expect(whole.momentum?.(i + 1) ?? 0.9).toBeCloseTo(expected, 12);
    }
  });
});

test.each(Object.entries(schedules))(
  "%s describes every option, and stays finite on the shortest trainings",
  (name, { options }) => {
    for (const option of Object.values((options as z.ZodMiniType as z.ZodMiniObject).shape))
      expect(z.globalRegistry.get(option)?.description).toBeTruthy();
    for (const steps of [1, 2, 3, 4]) {
      const { learningRate, momentum } = schedule(name, 0.1, { steps, stepsPerEpoch: 1 });
      for (let step = 1; step <= steps; step++) {
        expect(learningRate(step)).toBeGreaterThan(0);
        expect(learningRate(step)).toBeLessThanOrEqual(0.1);
        expect(momentum?.(step) ?? 0.9).toBeGreaterThan(0.8);
      }
    }
  },
);

test("an optimiser takes both from a schedule: Adam's first beta is its momentum", () => {
  const oneCycle = schedule("one-cycle", 0.1, length);
  const scalars = (name: string, options = {}) =>
    scalarsAt(createScheduled(name, options, oneCycle).attach(new Map()), 9);
  expect(scalars("sgd", { momentum: 0.5 })["sgd momentum"]![0]).toBeCloseTo(0.85, 6);
  expect(scalars("adamw")["adamw beta1"]![0]).toBeCloseTo(0.85, 6);
  expect(scalars("sgd")["sgd learning rate"]![0]).toBeCloseTo(0.1, 6);
});

test("piecewise keeps its ends before the first place and after the last, and a share's place is a whole step", () => {
  const at = (options: object, step: number) =>
    schedule("piecewise", 1, { steps: 100, stepsPerEpoch: 10 }, options).learningRate(step);
  const peak = { at: [0.29, 0.5], factors: [1, 0] };
  expect([1, 30].map((step) => at(peak, step))).toEqual([1, 1]);
  expect(at(peak, 31)).toBeCloseTo(1 - 1 / 21, 12);
  expect([51, 100].map((step) => at(peak, step))).toEqual([0, 0]);
  const beyond = { at: [0, 20], factors: [1, 0], unit: "epochs" };
  expect(at(beyond, 100)).toBeCloseTo(1 - 99 / 200, 12);
});

test("wrong options and names are refused", () => {
  expect(() => schedule("step", 0.1, length, { milestones: [0], gama: 2 })).toThrow(/milestones\.0[^]*gama/);
  const piecewise = (options: object) => () => schedule("piecewise", 0.1, length, options);
  expect(piecewise({ at: [0, 1], factors: [1] })).toThrow(/factors: should be as many/);
  expect(piecewise({ at: [0, 0.5, 0.5], factors: [0, 1, 0] })).toThrow(/at: should grow/);
  expect(piecewise({ at: [0, 2], factors: [1, 0] })).toThrow(/at: should be shares of the training, 1 at most/);
  expect(piecewise({ at: [0], factors: [1.5] })).toThrow(/factors\.0/);
  expect(() => schedule("cosin", 0.1, length)).toThrow(/unknown schedule "cosin"; did you mean cosine\?/);
});
