import { describe, expect, test } from "vitest";
import { z } from "zod";
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
    for (const option of Object.values((options as z.ZodType as z.ZodObject).shape))
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
  expect(scalars("adamw")["adam beta1"]![0]).toBeCloseTo(0.85, 6);
  expect(scalars("sgd")["sgd learning rate"]![0]).toBeCloseTo(0.1, 6);
});

test("wrong options and names are refused", () => {
  expect(() => schedule("step", 0.1, length, { milestones: [0], gama: 2 })).toThrow(/milestones\.0[^]*gama/);
  expect(() => schedule("cosin", 0.1, length)).toThrow(/unknown schedule "cosin"; did you mean cosine\?/);
});
