/**
 * @file The tutorial's runs beside PyTorch's, step by step, on the same photographs with the same seed.
 *
 * LIMBECK_LONG=1 follows every run for 100 steps, on 1 and 2 threads, which takes minutes.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { readCifar10 } from "../../src/data/node/cifar-folder.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { tutorialPlans } from "../../src/experiment/tutorial.ts";
import { readModelFile, type ModelFile } from "../../src/model-file/index.ts";
import { adam } from "../../src/optim/index.ts";
import { loaderOrder, type Random } from "../../src/random/index.ts";
import { train } from "../../src/train/train.ts";

const shared = new URL("../../../shared/", import.meta.url);
const photographs = new URL("cifar10-jpeg/", shared);
const available = existsSync(photographs);
const long = process.env["LIMBECK_LONG"] === "1";

/** How far PyTorch is from itself in the first 3, 5, 10 … steps, relative, with other threads or another layout. */
const spread = {
  teacher: { 3: 1e-7, 5: 1.4e-5, 10: 5e-4, 20: 8e-3, 50: 1.2e-2, 100: 4e-2 },
  "student-ce": { 3: 1e-7, 5: 1e-7, 10: 1.1e-7, 20: 3.5e-7, 50: 2.3e-4, 100: 2e-3 },
  // Measured by kd-spread.py; the others are the shared table's.
  "student-kd": { 3: 6.7e-8, 5: 2e-7, 10: 3e-6, 20: 1.7e-4, 50: 5.4e-4, 100: 5e-3 },
  "student-cosine": { 3: 1.3e-7, 5: 1.3e-7, 10: 1.3e-7, 20: 3.6e-5, 50: 5.4e-4, 100: 5e-3 },
  "student-regressor": { 3: 1.3e-7, 5: 1.3e-7, 10: 1.3e-7, 20: 3.6e-5, 50: 5.4e-4, 100: 5e-3 },
} as const;

type RunName = keyof typeof spread;

interface Setting {
  readonly name: string;
  readonly open: () => Promise<Engine>;
  readonly steps: Partial<Record<RunName, number>>;
}

const short = { teacher: 5, "student-ce": 50, "student-kd": 10, "student-cosine": 10, "student-regressor": 10 };
const full = Object.fromEntries(Object.keys(spread).map((name) => [name, 100]));
const onThreads = (threads: number): Setting => ({
  name: `wasm, ${threads} threads`,
  open: () => wasmEngine({ threads }),
  steps: long ? full : short,
});
const settings: readonly Setting[] = [
  { name: "reference", open: async () => referenceEngine(), steps: { "student-ce": 10 } },
  onThreads(2),
  ...(long ? [onThreads(1)] : []),
];

let dataset: Dataset;
let golden: ReadonlyMap<string, readonly number[]>;
let teacherFile: ModelFile;

beforeAll(async () => {
  if (!available) return;
  dataset = await readCifar10(photographs.pathname);
  const { runs } = JSON.parse(await readFile(new URL("golden/trajectory.json", shared), "utf8"));
  golden = new Map(runs.map(({ name, steps }: { name: string; steps: number[] }) => [name, steps]));
  teacherFile = readModelFile(await readFile(new URL("golden/teacher.safetensors", shared)), "teacher.safetensors");
});

// Skipped without the photographs and PyTorch's figures, which are not part of the repository.
describe.skipIf(!available).each(settings)("$name", ({ open, steps }) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await open()));
  afterAll(() => engine?.close());

  test.each(Object.entries(steps) as [RunName, number][])(
    "%s follows PyTorch for %i steps",
    async (name, count) => {
      const config = { seed: 42, dropout: 0.1 };
      const plans = tutorialPlans(config, 10, name === "teacher" ? undefined : teacherFile);
      const plan = plans.find((plan) => plan.name === name)!;
      for (const { values } of [plans[0]!, plan]) {
        for (const [tensor, initial] of values) await engine.write(tensor, initial);
      }
      const { learner, random } = plan;
      if (name === "student-kd") skipStudentAlone(random);
      for await (const event of train({ engine, learner, dataset, random, optimiser: adam(), epochs: 1 })) {
        if (event.kind !== "step") break;
        const [, allowed] = Object.entries(spread[name]).find(([first]) => event.step <= Number(first))!;
        const difference = Math.abs(event.loss / golden.get(name)![event.step - 1]! - 1);
        expect(difference, `step ${event.step}`).toBeLessThan(Math.max(1e-6, 5 * allowed));
        if (event.step === count) break;
      }
    },
    long ? 300_000 : 60_000,
  );
});

/** Draws what the student alone draws in ten epochs and an evaluation: from there the next student's stream goes on. */
function skipStudentAlone(random: Random): void {
  const masks = Array.from({ length: 391 }, (_, step) => new Float32Array((step < 390 ? 128 : 80) * 256));
  for (let epoch = 0; epoch < 10; epoch++) {
    loaderOrder(random, 50_000, { shuffle: true });
    for (const mask of masks) random.bernoulli(mask, 0.9);
  }
  loaderOrder(random, 10_000, { shuffle: false });
}
