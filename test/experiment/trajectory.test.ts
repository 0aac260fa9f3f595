/** @file The tutorial's runs beside PyTorch's, step by step, on the same photographs with the same seed. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { readCifar10 } from "../../src/data/node/cifar-folder.ts";
import { findMethod, objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { createModel } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { learner } from "../../src/train/learner.ts";
import { train } from "../../src/train/train.ts";
import { begin } from "./tiny.ts";

const shared = new URL("../../../shared/", import.meta.url);
const photographs = new URL("cifar10-jpeg/", shared);

/** How far PyTorch is from itself in its first steps, relative, with other threads or another layout: `[steps, spread]`. */
const spread = {
  teacher: [
    [3, 1e-7],
    [5, 1.4e-5],
    [10, 5e-4],
    [20, 8e-3],
    [50, 1.2e-2],
    [100, 4e-2],
  ],
  "student-ce": [
    [3, 1e-7],
    [5, 1e-7],
    [10, 1.1e-7],
    [20, 3.5e-7],
    [50, 2.3e-4],
    [100, 2e-3],
  ],
  distilled: [
    [3, 1.3e-7],
    [5, 1.3e-7],
    [10, 1.3e-7],
    [20, 3.6e-5],
    [50, 5.4e-4],
    [100, 5e-3],
  ],
} as const;

const engines: { readonly name: string; readonly open: () => Promise<Engine>; readonly steps: number }[] = [
  { name: "reference", open: async () => referenceEngine(), steps: 10 },
];

const available = existsSync(photographs);
let dataset: Dataset;
let golden: Map<string, readonly number[]>;

beforeAll(async () => {
  if (!available) return;
  dataset = await readCifar10(photographs.pathname);
  const { runs } = JSON.parse(await readFile(new URL("golden/trajectory.json", shared), "utf8"));
  golden = new Map(runs.map(({ name, steps }: { name: string; steps: number[] }) => [name, steps]));
});

// Skipped without the photographs and PyTorch's figures, which are not part of the repository.
describe.skipIf(!available).each(engines)("$name", ({ open, steps }) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await open()));
  afterAll(() => engine.close());

  test(`the student alone follows PyTorch for ${steps} steps`, async () => {
    const random = torchRandom(42);
    const student = learner(createModel("LightNN"), objective(findMethod("ce")));
    await begin(engine, student, random);
    const optimiser = adam();
    const expected = golden.get("student-ce")!;
    for await (const event of train({ engine, learner: student, dataset, optimiser, epochs: 1, random })) {
      if (event.kind !== "step") break;
      const [, allowed] = spread["student-ce"].find(([first]) => event.step <= first)!;
      const difference = Math.abs(event.loss / expected[event.step - 1]! - 1);
      expect(difference, `step ${event.step}`).toBeLessThan(Math.max(1e-6, 5 * allowed));
      if (event.step === steps) break;
    }
  });
});
