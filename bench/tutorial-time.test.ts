import { expect, test } from "vitest";
import { distillationEpoch, wholeTutorial } from "./tutorial-time.ts";

const contender = (name: string, ...samples: number[]) => ({ name, steps: 1, samples });
const row = (name: "deep-train" | "deep-forward" | "light-train", limbeck: number, pytorch: number) => ({
  name,
  title: "",
  contenders: [contender("Limbeck", limbeck - 1, limbeck, 10 * limbeck), contender("PyTorch", pytorch)],
});
const deep = row("deep-train", 200, 600);
const forward = row("deep-forward", 100, 300);
const light = row("light-train", 9, 30);
const taught = {
  name: "light-distill" as const,
  title: "",
  contenders: [contender("Limbeck", 10), contender("PyTorch, teacher online", 220)],
};

test("an epoch is 391 steps, Limbeck's with a tenth of the pass that keeps the teacher's outputs", () => {
  expect(distillationEpoch([forward, taught])).toEqual({
    limbeck: (391 * (10 + 100 / 10)) / 1000,
    pytorch: (391 * 220) / 1000,
  });
});

test("the whole tutorial is five runs of ten epochs, a pass, and five evaluations", () => {
  const { limbeck, pytorch } = wholeTutorial([deep, forward, light, taught])!;
  expect(limbeck).toBeCloseTo((3910 * (200 + 9 + 3 * 10) + 391 * 100 + 79 * (100 + 4 * 9)) / 1000, 9);
  expect(pytorch).toBeCloseTo((3910 * (600 + 30 + 3 * 220) + 79 * (300 + 4 * 30)) / 1000, 9);
});

test("nothing is worked out unless all of it was measured", () => {
  expect(distillationEpoch([taught])).toBeUndefined();
  expect(wholeTutorial([deep, forward, taught])).toBeUndefined();
});
