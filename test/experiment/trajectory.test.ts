/**
 * @file The tutorial's runs beside PyTorch's, step by step, with the same seed: on the embedded pictures, and on photographs where
 * they are there. Figures and the script that made them: test/golden. The three that are taught are taught by one teacher, which
 * PyTorch trained on photographs and whose weights were rounded so that its file is small.
 *
 * LIMBECK_LONG=1 follows every run for 60 or 100 steps, on 1 and 2 threads, and the reference for longer and on photographs; and the
 * teacher and the student alone on WebGPU, on SwiftShader, where a step takes the one 40 seconds and the other five.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { readCifar10 } from "../../src/data/node/cifar-folder.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { tutorialPlans } from "../../src/experiment/command-plans.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { readModelFile } from "../../src/model-file/index.ts";
import { createModel } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { loaderOrder, type Random } from "../../src/random/index.ts";
import { train } from "../../src/train/train.ts";
import { openOnSwiftShader, whyNoWebGpu } from "../engines/swiftshader.ts";
import { describeWithSamePhotographs, photographs } from "../photographs.ts";

const long = process.env["LIMBECK_LONG"] === "1";

/** How far PyTorch is from itself in the first 3, 5, 10 … steps, relative, with other threads or another layout: on photographs. */
const spread = {
  teacher: { 3: 1e-7, 5: 1.4e-5, 10: 5e-4, 20: 8e-3, 50: 1.2e-2, 100: 4e-2 },
  "student-ce": { 3: 1e-7, 5: 1e-7, 10: 1.1e-7, 20: 3.5e-7, 50: 2.3e-4, 100: 2e-3 },
  "student-kd": { 3: 6.7e-8, 5: 2e-7, 10: 3e-6, 20: 1.7e-4, 50: 5.4e-4, 100: 5e-3 },
  "student-cosine": { 3: 1.3e-7, 5: 1.3e-7, 10: 1.3e-7, 20: 3.6e-5, 50: 5.4e-4, 100: 5e-3 },
  "student-regressor": { 3: 1.3e-7, 5: 1.3e-7, 10: 1.3e-7, 20: 3.6e-5, 50: 5.4e-4, 100: 5e-3 },
} as const;

/**
 * And on the embedded pictures. PyTorch's float64 leaves its float32 of the student alone by 8e-7 after 4 steps and by 2.8e-5 after 5, and so
 * does the reference, which adds in float64; of the regressor by the figures below.
 */
const spreadOnPictures = {
  ...spread,
  teacher: { ...spread.teacher, 3: 7.4e-5, 5: 7.4e-5, 10: 1.4e-3 },
  "student-regressor": { ...spread["student-regressor"], 5: 9.6e-7, 10: 5.9e-5 },
};

/** How far PyTorch's float64 is from its float32 there: as far as sums in another order may lead. */
const spreadOfOrder = {
  teacher: { 3: 4.3e-7, 5: 3.1e-5, 10: 1.1e-3, 20: 2.4e-2 },
  "student-ce": { 3: 4.4e-8, 5: 6.2e-8, 10: 9e-8, 20: 4.1e-6, 50: 5e-4, 100: 3.6e-3 },
} as const;

const spreadOfOrderOnPictures = {
  teacher: { 3: 8.4e-6, 5: 3.4e-5, 10: 4.5e-4, 20: 3.2e-2 },
  "student-ce": { 3: 3e-7, 5: 2.8e-5, 10: 1.3e-4, 20: 1.1e-3, 100: 6.5e-3 },
} as const;

type RunName = keyof typeof spread;

/** By the step up to which it holds. */
type Bounds = Readonly<Record<number, number>>;

interface Setting {
  readonly name: string;
  readonly open: () => Promise<Engine>;
  readonly steps: Partial<Record<RunName, number>>;
  /** Whether its sums are in another order than PyTorch's. */
  readonly isInOtherOrder?: boolean;
}

const short = { teacher: 5, "student-ce": 50, "student-kd": 10, "student-cosine": 10, "student-regressor": 10 };
const full = Object.fromEntries(Object.keys(spread).map((name) => [name, 100]));
const onThreads = (threads: number): Setting => ({
  name: `wasm, ${threads} threads`,
  open: () => wasmEngine({ threads }),
  steps: long ? full : short,
});
const onWebGpu: Setting = {
  name: "webgpu, SwiftShader",
  open: openOnSwiftShader,
  steps: { teacher: 20, "student-ce": 100 },
  isInOtherOrder: true,
};
const settings = (byReference: number): readonly Setting[] => [
  ...(byReference > 0
    ? [{ name: "reference", open: async () => referenceEngine(), steps: { "student-ce": byReference } }]
    : []),
  onThreads(2),
  ...(long ? [onThreads(1)] : []),
  ...(long && whyNoWebGpu === undefined ? [onWebGpu] : []),
];

const teacher = gunzipSync(readFileSync(new URL("../golden/teacher.safetensors.gz", import.meta.url)));
const teacherFile = { ...readModelFile(teacher, "teacher.safetensors"), model: createModel("DeepNN") };

describe("on the embedded pictures", () =>
  follows({
    read: async () => shapes({ train: 3000, test: 300 }),
    epochs: 3,
    files: ["shapes"],
    spread: spreadOnPictures,
    spreadOfOrder: spreadOfOrderOnPictures,
    byReference: 3,
  }));

describeWithSamePhotographs("on photographs", () =>
  follows({
    read: () => readCifar10(photographs!),
    epochs: 10,
    files: ["tutorial", "photographs"],
    spread,
    spreadOfOrder,
    byReference: long ? 10 : 0,
  }),
);

/** `files` hold PyTorch's runs: the last that holds one counts. Each was of so many epochs. */
function follows({
  read,
  epochs,
  files,
  spread,
  spreadOfOrder,
  byReference,
}: {
  read(): Promise<Dataset>;
  epochs: number;
  files: readonly string[];
  byReference: number;
  spread: Readonly<Record<RunName, Bounds>>;
  spreadOfOrder: Readonly<Partial<Record<RunName, Bounds>>>;
}): void {
  const golden = new Map(files.flatMap(stepsOf));
  let dataset: Dataset;
  beforeAll(async () => void (dataset = await read()));

  describe.each(settings(byReference))("$name", ({ open, steps, isInOtherOrder = false }) => {
    let engine: Engine;
    beforeAll(async () => void (engine = await open()));
    afterAll(() => engine?.close());

    test.each(Object.entries(steps) as [RunName, number][])(
      "%s follows PyTorch for %i steps",
      async (name, most) => {
        const wanted = golden.get(name)!;
        const count = Math.min(most, wanted.length);
        const plans = tutorialPlans(
          parseConfig("tutorial", {}),
          { classes: 10, shape: dataset.shape, images: dataset.train.count },
          name === "teacher" ? undefined : { file: teacherFile },
        );
        const plan = plans.find((plan) => plan.name === name)!;
        for (const { values } of [plans[0]!, plan]) {
          for (const [tensor, initial] of values) await engine.write(tensor, initial);
        }
        const { learner, random } = plan;
        if (name === "student-kd") skipStudentAlone(random, dataset, epochs);
        const bounds = [spread[name], isInOtherOrder ? (spreadOfOrder[name] ?? {}) : {}];
        let followed = 0;
        for await (const event of train({ engine, learner, dataset, random, optimiser: adam(), epochs })) {
          if (event.kind !== "step") continue;
          const allowed = bounds.map((bound) => boundAt(bound, event.step));
          const difference = Math.abs(event.loss / wanted[event.step - 1]! - 1);
          expect(difference, `step ${event.step}`).toBeLessThan(Math.max(1e-6, 5 * Math.max(...allowed)));
          followed = event.step;
          if (event.step === count) break;
        }
        expect(followed).toBe(count);
      },
      1_800_000,
    );
  });
}

/** What holds at a step; 0 where nothing does. */
function boundAt(bounds: Bounds, step: number): number {
  return Object.entries(bounds).find(([last]) => step <= Number(last))?.[1] ?? 0;
}

function stepsOf(file: string): [string, readonly number[]][] {
  const text = readFileSync(new URL(`../golden/trajectories/${file}.json`, import.meta.url), "utf8");
  const { runs }: { runs: { name: string; steps: number[] }[] } = JSON.parse(text);
  return runs.map(({ name, steps }) => [name, steps]);
}

/** Draws what the student alone draws in its training and its evaluation: from there the next student's stream goes on. */
function skipStudentAlone(random: Random, { train, test }: Dataset, epochs: number): void {
  const batches = Math.ceil(train.count / 128);
  const last = train.count - (batches - 1) * 128;
  const masks = Array.from({ length: batches }, (_, i) => new Float32Array((i < batches - 1 ? 128 : last) * 256));
  for (let epoch = 0; epoch < epochs; epoch++) {
    loaderOrder(random, train.count, { shuffle: true });
    for (const mask of masks) random.bernoulli(mask, 0.9);
  }
  loaderOrder(random, test.count, { shuffle: false });
}
