import { expect, test } from "vitest";
import { scalarsAt } from "../optim/index.ts";
import { parseConfig } from "./config.ts";
import { trainingOf } from "./training.ts";

test.each(["constant", "step", "cosine", "one-cycle"])(
  "%s with a warm-up of most of it gives a learning rate above 0 at every step, however few",
  (schedule) => {
    for (const images of [1, 64, 65, 200, 300]) {
      const config = parseConfig("train", { batchSize: 64, epochs: 1, warmUp: 0.9, optimiser: "sgd", schedule });
      const attached = trainingOf(config, images).optimiser.attach(new Map());
      for (let step = 1; step <= Math.ceil(images / 64); step++) {
        expect(scalarsAt(attached, step)["sgd learning rate"]![0], `step ${step} of ${images} images`).toBeGreaterThan(
          0,
        );
      }
    }
  },
);
