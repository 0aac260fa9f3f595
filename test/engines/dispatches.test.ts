/** @file How many dispatches a training step is on the WebGPU engine, which is what small networks cost there. Counted without a GPU. */
import { expect, test } from "vitest";
import { methods, objective } from "../../src/distill/index.ts";
import { Buffer } from "../../src/engine/webgpu/kernels/kernel.ts";
import { lower } from "../../src/engine/webgpu/lower/lower.ts";
import { createModel } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { analyse, type Tensor } from "../../src/tensor/index.ts";
import { learner } from "../../src/train/learner.ts";
import { trainedParameters } from "../../src/train/states.ts";
import { trainingStep } from "../../src/train/step.ts";

/** What Chromium lets a dispatch have. */
const storageBuffers = 10;

test.each([
  ["LightNN", 40],
  ["DeepNN", 55],
  ["resnet20", 250],
  ["MobileNetV2", 700],
] as const)("a step of %s with Adam is at most %i", (name, most) => {
  const network = learner(createModel(name), objective(methods.ce));
  const step = trainingStep(network, 128, adam().attach(trainedParameters(network)));
  const analysed = analyse(step.graph);
  // As the engine has them: what was written, and what the optimiser keeps.
  const [written, zeros] = [new Buffer("written", 0), new Buffer("zeros", 0)];
  const buffers = new Map<Tensor, Buffer>(
    analysed.states.map((state) => {
      const whole = String(state).includes("exp_avg") ? zeros : written;
      return [state, new Buffer(String(state), state.size, "f32", { whole, offset: 0 })];
    }),
  );
  const { everyRun } = lower(step.graph, analysed, (state) => buffers.get(state)!, storageBuffers);
  expect(everyRun.length).toBeLessThanOrEqual(most);
  expect(everyRun.length).toBeGreaterThan(most / 2);
  for (const { label, buffers: bound } of everyRun) expect(bound.length, label).toBeLessThanOrEqual(storageBuffers);
});
