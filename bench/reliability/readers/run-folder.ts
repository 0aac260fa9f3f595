/** @file Attacks what reads a run's folder, behind its checksums: configuration, records, random states, logs, and the report of them. */
import { writeReport } from "../../../src/cli/report-file.ts";
import { shapes } from "../../../src/data/shapes.ts";
import type { Stream } from "../../../src/data/stream.ts";
import { parseConfig } from "../../../src/experiment/config.ts";
import { toJson, type ExperimentFolder } from "../../../src/experiment/folder.ts";
import { resolveConfig } from "../../../src/experiment/node/resolve-config.ts";
import { readRandomState, readRecord } from "../../../src/experiment/record.ts";
import type { Results, RunRecord } from "../../../src/experiment/record.ts";
import { tally } from "../../../src/train/evaluate/evaluation.ts";
import { torchRandom } from "../../../src/random/index.ts";
import { mutateJson, pick } from "../mutate.ts";
import type { Target } from "./target.ts";

const dataset = shapes({ train: 20, test: 20 });
const predictions = Array.from(dataset.test.labels, (label, i) => (i % 3 === 0 ? (label + 1) % 10 : label));
const counted = tally(10);
for (const [i, predicted] of predictions.entries())
  counted.add(dataset.test.labels[i]!, { predicted, confidence: 0.7 });
const epoch = { epoch: 1, loss: 1.5, terms: { ce: 1.5 }, seconds: 2 };

const student: RunRecord = {
  name: "student",
  title: "Student",
  model: "LightNN",
  method: "kd",
  options: { temperature: 2 },
  seed: 42,
  weights: { ce: 0.75, kd: { value: 0.25, rampEpochs: 1 } },
  parameters: 267_738,
  auxiliaryParameters: 0,
  bytes: 1_000_000,
  epochs: [epoch, { ...epoch, epoch: 2, validationAccuracy: 60 }],
  pretraining: [{ name: "hints", title: "Hints", epochs: [epoch] }],
  seconds: 4,
  teacherSeconds: 1,
  validation: { images: 5, keptEpoch: 2, accuracy: 60 },
  multiplyAdds: 1_200_000,
  latency: [{ batch: 1, milliseconds: 0.5, passes: 15, machine: "here" }],
  test: counted.evaluation(),
};
const steps = [1, 2].map((step) => ({ step, epoch: 1, terms: { ce: 1 / step } }));
const results: Results = {
  dataset: "shapes",
  seed: 42,
  parameters: {},
  firstLayerNorm: {},
  runs: [],
  environment: { limbeck: "0", runtime: "", engine: "", machine: "", date: "2026-01-01" },
};
const config = { command: "train", ...parseConfig("train", { model: "LightNN" }) };

export const runFolderTarget: Target = {
  name: "run folder",
  share: 8,
  attempt: (random) => pick(random, [configuration, record, record, randomState, log])(random),
};

async function configuration(random: Stream): Promise<undefined> {
  await resolveConfig("train", undefined, inMemory({ "config.json": mutateJson(config, random) }), { resume: true });
}

async function record(random: Stream): Promise<string | undefined> {
  const run = await readRecord(inMemory({ "student/run.json": mutateJson(student, random) }), "student");
  if (!run) return "no record was read";
  await reported(run, inMemory({}));
  return run.test.accuracy <= 100 && run.test.accuracy >= 0 ? undefined : `an accuracy of ${run.test.accuracy}`;
}

async function randomState(random: Stream): Promise<undefined> {
  const folder = inMemory({ "student/random.json": mutateJson(torchRandom(1).state(), random) });
  torchRandom(0).restore((await readRandomState(folder, "student"))!);
}

async function log(random: Stream): Promise<string | undefined> {
  const folder = inMemory({ "student/steps.jsonl": steps.map((step) => `${mutateJson(step, random)}\n`).join("") });
  const page = await reported(student, folder);
  return page.includes("<h1>") ? undefined : "no page";
}

/** The page of a teacher, a student alone and the run. */
async function reported(run: RunRecord, folder: ExperimentFolder): Promise<string> {
  const others = [
    { ...student, name: "teacher", model: "DeepNN", method: "ce" },
    { ...student, name: "alone", method: "ce" },
  ];
  const path = await writeReport({ folder, dataset, results, runs: [...others, run], command: "" });
  return new TextDecoder().decode(await folder.read(path));
}

/** A folder whose files are all as they were written. */
function inMemory(files: Readonly<Record<string, string>>): ExperimentFolder {
  const held = new Map(Object.entries(files));
  const bytesOf = (text: string | undefined) => (text === undefined ? undefined : new TextEncoder().encode(text));
  return {
    lost: new AbortController().signal,
    notes: [],
    read: async (path) => bytesOf(held.get(path)),
    write: async (path, content) => void held.set(path, typeof content === "string" ? content : toJson(content)),
    readLines: async (path) => held.get(path)?.split("\n").slice(0, -1),
    lines: () => Promise.reject(new Error("nothing is logged here")),
    remove: async (paths) => paths.forEach((path) => held.delete(path)),
    bind: (_, value) => value,
    close: async () => {},
  };
}
