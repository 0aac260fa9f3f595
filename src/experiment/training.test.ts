import { expect, test } from "vitest";
import { state } from "../tensor/index.ts";
import { scalarsAt } from "../optim/index.ts";
import { parseConfig } from "./config.ts";
import { trainingOptions } from "./training.ts";

test.each(["constant", "step", "cosine", "one-cycle"])(
  "%s with a warm-up of most of it gives a learning rate above 0 at every step, however few",
  (schedule) => {
    for (const images of [1, 64, 65, 200, 300]) {
      const config = parseConfig("train", { batchSize: 64, epochs: 1, warmUp: 0.9, optimiser: "sgd", schedule });
      const attached = trainingOptions(config, images).optimiser.attach(new Map());
      for (let step = 1; step <= Math.ceil(images / 64); step++) {
        expect(scalarsAt(attached, step)["sgd learning rate"]![0], `step ${step} of ${images} images`).toBeGreaterThan(
          0,
        );
      }
    }
  },
);

test("a configuration's groups and what decays reach the optimiser", () => {
  const config = parseConfig("train", {
    optimiser: "adamw",
    learningRate: 0.1,
    optimiserOptions: { weightDecay: 0.5 },
    parameterGroups: [{ parameters: "head.*", learningRateFactor: 2 }],
    decayOn: "weights",
  });
  const shapes = { "conv.weight": [2, 1, 3, 3], "conv.bias": [2], "head.weight": [3, 2], "head.bias": [3] };
  const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, { tensor: state(name, shape) }]));
  const scalars = scalarsAt(trainingOptions(config, 8).optimiser.attach(parameters), 1);
  // What a step keeps of a parameter: 1 - rate·decay, of those that decay.
  const kept = Object.entries(scalars).filter(([name]) => name.endsWith("keep"));
  expect(kept.map(([, [value]]) => value)).toEqual([Math.fround(0.95), Math.fround(0.9)]);
});
