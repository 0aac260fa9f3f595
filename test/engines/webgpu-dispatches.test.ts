/** @file How many dispatches a training step is on the WebGPU engine, which is what small networks cost there. Counted without a GPU. */
import { expect, test } from "vitest";
import { costOf, stepGraph } from "../../bench/webgpu/step.ts";

test.each([
  ["LightNN", 37],
  ["DeepNN", 49],
  ["resnet20", 241],
  ["MobileNetV2", 546],
] as const)("a training step of %s has at most %i dispatches", (model, most) => {
  const { dispatches, pipelines, mostBuffers } = costOf(stepGraph(model, 128));
  expect(dispatches).toBeLessThanOrEqual(most);
  expect(dispatches).toBeGreaterThan(most / 2);
  expect(pipelines).toBeLessThanOrEqual(dispatches);
  expect(mostBuffers).toBeLessThanOrEqual(10);
});
