import { expect, test } from "vitest";
import { shapes } from "../data/shapes.ts";
import { findMethod, objective } from "../distill/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { createModel } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { whiteningFilters } from "../nn/whitening.ts";
import { gatherImages, normaliser } from "../data/loader.ts";
import { firstValues, planTraining } from "./plan.ts";
import { createTrainer } from "./trainer.ts";

const dataset = shapes({ train: 48, test: 10 });
const model = createModel("airbench_small");
const weight = namedStates(model.module).get("0.weight")!;
const plan = planTraining({ name: "model", title: "", model, objective: objective(findMethod("ce")), seed: 1 });

/** The filters of the data set's training images, normalised. */
function expected(): Float32Array {
  const image = (i: number): Float32Array => {
    const pixels = new Float32Array(3072);
    gatherImages(dataset.train, dataset.shape, normaliser(dataset), [i], { from: 0, to: 1 }, pixels);
    return pixels;
  };
  return whiteningFilters({ count: 48, shape: dataset.shape, image }, 2);
}

test("a training from drawn values begins with what follows from its training images", () => {
  const values = firstValues(plan, dataset);
  expect(values.get(weight)).toEqual(expected());
  expect([...values.keys()]).toEqual([...plan.values.keys()]);
  expect(plan.values.get(weight)).not.toEqual(expected());
});

test("weights that are given stay as they are", () => {
  expect(firstValues({ ...plan, start: { source: "a file", taken: 3, drawn: [] } }, dataset)).toBe(plan.values);
  expect(firstValues({ ...plan, pretrained: true }, dataset)).toBe(plan.values);
});

test("a whitening layer's weight is that of the images before and after a training, its bias learns", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const trainer = await createTrainer({ dataset, engine, epochs: 1, batchSize: 16 });
  const trained = namedStates((await trainer.train("airbench_small")).module);
  expect(await engine.read(trained.get("0.weight")!)).toEqual(expected());
  expect((await engine.read(trained.get("0.bias")!)).every((x) => x !== 0)).toBe(true);
  expect(await engine.read(trained.get("2.norm1.weight")!)).toEqual(new Float32Array(32).fill(1));
  await engine.close();
});
