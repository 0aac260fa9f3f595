/** @file A run's files whose checksums are right, though no run wrote such. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeReport } from "../../src/cli/report-file.ts";
import { openExperiment } from "../../src/entries/node.ts";
import { openFolder } from "../../src/experiment/node/folder.ts";
import { parseRecord } from "../../src/experiment/record.ts";
import { result } from "../../src/train/events.ts";

const config = { engine: "reference", limit: 8, batchSize: 4, epochs: 1, seed: 3 } as const;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-records-"));
  await run(join(root, "finished"), false);
});
afterAll(() => rm(root, { recursive: true }));

/** A copy of a finished experiment's folder. */
async function finished(): Promise<string> {
  const out = await mkdtemp(join(root, "copy-"));
  await cp(join(root, "finished"), out, { recursive: true });
  return out;
}

async function run(out: string, resume: boolean) {
  const experiment = await openExperiment("train", resume ? undefined : config, { out, resume });
  return result(experiment.run()).finally(() => experiment.close());
}

/** Changes a file as Limbeck itself would write it. */
async function rewrite(out: string, path: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(join(out, path), "utf8");
  const folder = await openFolder(out);
  await folder.write(path, change(text)).finally(() => folder.close());
}

test.each<[string, string, (text: string) => string, RegExp]>([
  ["no JSON", "model/run.json", (text) => text.slice(0, -9), /run\.json should be JSON/],
  ["no record", "model/run.json", () => "[]", /run\.json:\n/],
  ["an accuracy of 99", "model/run.json", (text) => text.replace(/"accuracy": [\d.]+/, '"accuracy": 99'), /fit each/],
  [
    "a prediction of no class",
    "model/run.json",
    (text) => text.replace(/"predictions": \[\s*\d/, '"predictions": [77'),
    /class/,
  ],
  [
    "bins of other images",
    "model/run.json",
    (text) => text.replace(/"calibration": \[\s*\{\s*"images": \d+/, '"calibration": [{ "images": 77'),
    /calibration: expected bins of all images/,
  ],
  ["a key twice", "model/run.json", (text) => text.replace("{", '{"model": "x",'), /a key is there twice/],
  ["no random state", "model/random.json", () => '{"words": 5}', /random\.json:\n.*words/],
  ["no configuration", "config.json", () => '{"command": "train", "command": "train"}', /config\.json should be JSON/],
])("%s is refused when the experiment goes on", async (_, path, change, message) => {
  const out = await finished();
  await rewrite(out, path, change);
  await expect(run(out, true)).rejects.toMatchObject({ code: "OUTPUT", message: expect.stringMatching(message) });
});

test("a record is read back whole, and nothing that no record holds", async () => {
  const written = JSON.parse(await readFile(join(root, "finished/model/run.json"), "utf8")) as object;
  const everything = {
    ...written,
    modelOptions: { widths: [4, 8] },
    preset: "published",
    modules: { "/net.ts": "0f" },
    pairs: [{ method: "at", teacher: "a", student: "b", teacherShape: [1, 2], studentShape: [1, 3] }],
    latency: [
      { batch: 1, milliseconds: 2, interval: [1, 3], passes: 9, machine: "one", runner: "ONNX Runtime", busy: 0.5 },
    ],
    untimed: [{ batch: 32, reason: "no memory" }],
    start: { source: "first.safetensors", sha256: "0f", taken: 4, drawn: ["head.weight"] },
    pretraining: [{ name: "match", title: "Matching", epochs: [{ epoch: 1, loss: 1, terms: {}, seconds: 0 }] }],
    uncachedTeacher: "views",
    teachers: [{ file: "t.onnx", sha256: "0f", kind: "onnx", runner: "onnxruntime", notImported: "an operation" }],
    teacherViews: "flip",
    isTeacherFixed: true,
    balance: "weights",
    measuredOn: "validation",
    train: { accuracy: 50, interval: [15, 85], correct: 4, count: 8 },
    validation: { images: 4, keptEpoch: 1, accuracy: 50, best: { epoch: 1, accuracy: 50 } },
  };
  const { measuredOn, test, ...rest } = everything as typeof everything & { readonly test: unknown };
  const asWritten = { ...rest, measuredOn, measured: test, nonsense: 1 };
  expect(parseRecord(asWritten, "run.json")).toEqual(everything);
});

test("a log of steps that no training took costs its curves, not the report", async () => {
  const out = await finished();
  const experiment = await openExperiment("train", undefined, { out, resume: true });
  const events = [];
  for await (const event of experiment.run()) events.push(event);
  const { folder, dataset } = experiment;
  const runs = events.flatMap((event) => (event.kind === "run-end" ? [event.record] : []));
  const results = events.flatMap((event) => (event.kind === "end" ? [event.results] : []))[0]!;
  for (const line of ["nonsense", '{"step":1}', '{"step":2,"epoch":1,"terms":{"ce":1}}']) {
    const log = await folder.lines("model/steps.jsonl", 0);
    log.append(line);
    await log.close();
    const page = await writeReport({ folder, dataset, results, runs, command: "" });
    expect(await readFile(join(out, page), "utf8")).toContain("<h1>");
  }
  await experiment.close();
});

test("test images are classified in batches of the training's size, which there is memory for", async () => {
  const experiment = await openExperiment("train", config, { out: join(root, "batches") });
  const done: number[] = [];
  for await (const event of experiment.run()) if (event.kind === "evaluate") done.push(event.done);
  await experiment.close();
  expect(done).toEqual([4, 8]);
});
