/** @file The steps of a run are recorded once: what was recorded to see that it can be is what is trained. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findMethod, objective } from "../../src/distill/index.ts";
import { forwarding } from "../../src/engine/forwarding.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { prepareRun } from "../../src/experiment/checks.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { performRuns, type Experiment } from "../../src/experiment/experiment.ts";
import { openFolder } from "../../src/experiment/node/folder.ts";
import { planTraining } from "../../src/experiment/plan.ts";
import type { Model } from "../../src/models/index.ts";
import { result } from "../../src/train/events.ts";
import { tinyDataset, tinyModel } from "./tiny.ts";

const dataset = tinyDataset({ train: 22 });
const environment = { limbeck: "test", runtime: "test", engine: "reference", machine: "test", date: "test" };

/** A network that notes the size of each batch that it is recorded on to be trained. */
function counted(sizes: number[]): Model {
  const { module, ...model } = tinyModel({ norm: true });
  const forward: typeof module.forward = (x, children, scope) => {
    if (scope.training) sizes.push(x.shape[0]!);
    return module.forward(x, children, scope);
  };
  return { ...model, module: { ...module, forward } };
}

interface Way {
  readonly settings?: object;
  readonly method?: string;
  /** Bytes of images that the engine keeps. */
  readonly room?: number;
  /** Whether the engine is chosen by a step of the run. */
  readonly isChosen?: boolean;
}

/** The batches that a run's student is recorded on, and the checksum of its steps. */
async function recorded({ settings, method = "ce", room = Infinity, isChosen = false }: Way) {
  const out = await mkdtemp(join(tmpdir(), "limbeck-recordings-"));
  onTestFinished(() => rm(out, { recursive: true }));
  const folder = await openFolder(out);
  const engine = referenceEngine();
  const parsed = parseConfig("train", { dataset: "tiny", epochs: 2, batchSize: 8, ...settings });
  const config = { ...parsed, modules: { "/own.ts": "0f" } };
  const sizes: number[] = [];
  const planned = { title: "", seed: 1 };
  const teacher = tinyModel({ channels: 4, name: "Teacher" });
  const ce = objective(findMethod("ce"));
  const plans = [
    planTraining({ ...planned, name: "teacher", model: teacher, objective: ce }),
    planTraining({
      ...planned,
      name: "student",
      model: counted(sizes),
      objective: objective(findMethod(method)),
      teacher,
    }),
  ];
  const [, student] = plans;
  const before = sizes.length;
  const prepared = isChosen ? new Map([[student!, prepareRun({ dataset, config }, student!)]]) : undefined;
  const experiment: Experiment = {
    engine: { ...forwarding(engine), roomForBytes: () => room },
    dataset,
    folder,
    config,
    description: config,
    environment,
    ...(prepared && { prepared }),
  };
  await result(performRuns(experiment, plans));
  await folder.close();
  await engine.close();
  const { bound } = JSON.parse(await readFile(join(out, "manifest.json"), "utf8")) as { bound: Record<string, string> };
  return { sizes: sizes.slice(before), steps: bound["steps of student"] };
}

const once = [8, 6];

test.each<[string, Way, readonly number[]]>([
  ["images that the engine keeps", {}, once],
  ["images that each step is given", { room: 0 }, once],
  ["images that it does not keep, after the engine was chosen by a step", { room: 0, isChosen: true }, once],
  ["varied images with the teacher in the step", { method: "kd", settings: { augment: { cutout: {} } } }, once],
  [
    "varied images with a teacher that was queried beforehand",
    { method: "kd", settings: { augment: { flip: {}, cutout: {} }, teacherViews: "image" } },
    once,
  ],
  // With the teacher in the step, which it is checked with, and with its outputs, which save its passes.
  ["a teacher that is cached to save passes", { method: "kd" }, [...once, ...once]],
])("%s: once for each size of a batch and each step that differs", async (_, way, expected) => {
  expect((await recorded(way)).sizes).toEqual(expected);
});

test("what a run computes has one checksum, whether the engine keeps the images or not", async () => {
  const settings = { augment: { crop: { padding: 1 } } };
  const [kept, given] = [await recorded({ settings }), await recorded({ settings, room: 0 })];
  expect(kept.steps).toMatch(/^[0-9a-f]{64}$/);
  expect(kept.steps).toBe(given.steps);
  expect((await recorded({ settings, method: "kd" })).steps).not.toBe(kept.steps);
});
