/** @file A small network's step costs as many dispatches as it has: they may become fewer, not more. */
import { expect, test } from "vitest";
import { costOf, stepGraph } from "../../bench/webgpu/step.ts";

test.each([
  ["LightNN", 39],
  ["DeepNN", 53],
  ["resnet20", 271],
  ["MobileNetV2", 621],
] as const)("a training step of %s has at most %i dispatches", (model, most) => {
  const { dispatches, pipelines } = costOf(stepGraph(model, 128));
  expect(dispatches).toBeLessThanOrEqual(most);
  expect(pipelines).toBeLessThanOrEqual(dispatches);
});
