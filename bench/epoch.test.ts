import { expect, test } from "vitest";
import { distillationEpochs } from "./epoch.ts";

const contender = (name: string, ...samples: number[]) => ({ name, steps: 1, samples });
const forward = {
  name: "deep-forward" as const,
  title: "",
  contenders: [contender("Limbeck", 90, 100, 500), contender("PyTorch", 300), contender("PyTorch, channels last", 200)],
};
const distill = {
  name: "light-distill" as const,
  title: "",
  contenders: [
    contender("Limbeck", 10),
    contender("PyTorch, teacher online", 220),
    contender("PyTorch, outputs kept", 20),
  ],
};

test("an epoch is 391 steps, and a tenth of the pass where outputs are kept", () => {
  expect(distillationEpochs([forward, distill])).toEqual([
    { name: "Limbeck", seconds: (391 * (10 + 100 / 10)) / 1000 },
    { name: "PyTorch, teacher online", seconds: (391 * 220) / 1000 },
    { name: "PyTorch, outputs kept", seconds: (391 * (20 + 200 / 10)) / 1000 },
  ]);
});

test("none unless both rows were measured", () => {
  expect(distillationEpochs([distill])).toEqual([]);
  expect(distillationEpochs([forward])).toEqual([]);
});
