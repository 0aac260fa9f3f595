/** @file Trained on PNG files, a network ends in the bits that it ends in on the images themselves. The whole of CIFAR-10: bench/experiments/picture-files.ts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createTrainer,
  shapes,
  wasmEngine,
  type Dataset,
  type Model,
  type WasmEngine,
} from "../../src/entries/index.ts";
import { loadImages } from "../../src/entries/node.ts";
import { namedStates } from "../../src/nn/index.ts";
import { orderFile, writePictures } from "./write-pictures.ts";

let engine: WasmEngine;
let folder: string;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "limbeck-picture-training-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

async function bitsOf(model: Model): Promise<Readonly<Record<string, readonly number[]>>> {
  const read = async (state: Parameters<typeof engine.read>[0]) => [
    ...new Int32Array((await engine.read(state)).buffer),
  ];
  return Object.fromEntries(
    await Promise.all([...namedStates(model.module)].map(async ([name, state]) => [name, await read(state)] as const)),
  );
}

test("600 images as files: the same weights after an epoch, plain and varied", async () => {
  const memory = shapes({ train: 600, test: 20 });
  await writePictures(memory, folder);
  const { name, mean, std } = memory;
  const files: Dataset = await loadImages(join(folder, orderFile), {
    name,
    mean,
    std,
    size: 32,
    cache: join(folder, "cache"),
  });
  // Classes are numbered in the order of their names.
  const numbers = memory.classes.map((name) => files.classes.indexOf(name));
  const labels = memory.train.labels.map((label) => numbers[label]!);
  const renumbered: Dataset = { ...memory, classes: files.classes, train: { ...memory.train, labels } };
  for (const augment of [{}, { resizedCrop: {}, flip: {} }]) {
    const settings = { engine, epochs: 1, batchSize: 64, augment };
    const [one, other] = [
      await createTrainer({ dataset: renumbered, ...settings }),
      await createTrainer({ dataset: files, ...settings }),
    ];
    expect(await bitsOf(await other.train("LightNN"))).toEqual(await bitsOf(await one.train("LightNN")));
  }
});
