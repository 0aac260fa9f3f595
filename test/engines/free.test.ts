/** @file Networks that come and go in one engine: with `free`, its memory does not grow. */
import { expect, onTestFinished, test } from "vitest";
import { createModel, methods, shapes, wasmEngine } from "../../src/entries/index.ts";
import { torchRandom } from "../../src/entries/nn.ts";
import * as nn from "../../src/entries/nn.ts";
import { objective } from "../../src/entries/methods.ts";
import { adam, learner, train } from "../../src/entries/training.ts";
import type { Engine, Model } from "../../src/entries/index.ts";

const dataset = shapes({ train: 6, test: 1 });

async function initialise(engine: Engine, model: Model): Promise<void> {
  for (const [tensor, values] of nn.initialise(model.module, torchRandom(1))) await engine.write(tensor, values);
}

async function engineOfOne() {
  const engine = await wasmEngine({ threads: 1 });
  onTestFinished(() => engine.close());
  return engine;
}

test("300 networks written and freed take the memory of one", async () => {
  const engine = await engineOfOne();
  const sizes = new Set<number>();
  for (let i = 0; i < 300; i++) {
    const { module } = createModel("resnet8");
    await Promise.all(
      [...nn.namedStates(module).values()].map((state) => engine.write(state, new Float32Array(state.size))),
    );
    await engine.free(nn.namedStates(module).values());
    sizes.add(engine.memoryBytes);
  }
  expect([...sizes]).toHaveLength(1);
});

test("networks trained and freed leave nothing: the optimiser's states and the averages go with the training", async () => {
  const engine = await engineOfOne();
  const sizes: number[] = [];
  for (let i = 0; i < 8; i++) {
    const model = createModel("LightNN");
    await initialise(engine, model);
    const taught = learner(model, objective(methods.ce));
    const options = { optimiser: adam(), epochs: 1, batchSize: 4, emaDecay: 0.9, random: torchRandom(1) };
    for await (const _ of train({ engine, learner: taught, dataset, ...options }));
    await engine.free(nn.namedStates(model.module).values());
    sizes.push(engine.memoryBytes);
  }
  expect(sizes.slice(2)).toEqual(sizes.slice(2).fill(sizes[1]!));
});
