/** @file A small experiment in a folder, and what a user gets who goes on with it, has it reported and evaluates its weights. */
import { createHash } from "node:crypto";
import { open, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeReport } from "../../src/cli/report-file.ts";
import { evaluateFile, openExperiment, type ExperimentEvent } from "../../src/entries/node.ts";
import { result } from "../../src/train/events.ts";

const small = { dataset: "cifar10", limit: 16, threads: 1, latency: false } as const;

/** A folder in CIFAR-10's layout whose first images are noise; the rest is one black image again and again, and takes no room. */
export async function makeData(folder: string, seed: number): Promise<void> {
  await mkdir(folder);
  const names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
  await writeFile(join(folder, "batches.meta.txt"), names.join("\n"));
  for (const name of [...Array.from({ length: 5 }, (_, i) => `data_batch_${i + 1}`), "test_batch"]) {
    const file = await open(join(folder, `${name}.bin`), "w");
    for (let i = 0; i < small.limit; i++) {
      const record = new Uint8Array(3073);
      for (let at = 0; at < record.length; at += 32) {
        record.set(
          createHash("sha256")
            .update(`${seed} ${name} ${i} ${at}`)
            .digest()
            .subarray(0, record.length - at),
          at,
        );
      }
      record[0] = i % 10; // each class, else that is told too
      await file.write(record);
    }
    await file.truncate(10_000 * 3073);
    await file.close();
  }
}

export interface Begin {
  readonly out: string;
  readonly dataDir: string;
  readonly teacher: string;
  readonly seed: number;
}

const distilling = { ...small, batchSize: 8, epochs: 2, teacherModel: "LightNN", student: "LightNN" };

/** Trains a teacher; returns its weights' path. */
export async function makeTeacher(out: string, dataDir: string): Promise<string> {
  const config = { ...small, dataDir, batchSize: 8, epochs: 1, model: "LightNN" };
  const experiment = await openExperiment("train", config, { out });
  await result(experiment.run());
  await experiment.close();
  return join(out, "model", "model.safetensors");
}

/** Distils up to so many steps, or to the end. */
export async function distil({ out, dataDir, teacher, seed }: Begin, steps = Infinity): Promise<void> {
  const stop = new AbortController();
  const experiment = await openExperiment(
    "distill",
    { ...distilling, baseline: false, dataDir, teacher, seed },
    { out, signal: stop.signal },
  );
  try {
    for await (const event of experiment.run()) if (event.kind === "step" && event.step >= steps) stop.abort();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await experiment.close();
  }
}

/** What a folder has come to. */
export interface Ending {
  /** Of the weights, the records and the evaluation, without times. */
  readonly bits: string;
  readonly curves: string;
  readonly notes: readonly string[];
}

/** Goes on, writes the report, evaluates the student. Throws as these do. */
export async function goOn(out: string, dataDir: string): Promise<Ending> {
  const experiment = await openExperiment("distill", undefined, { out, resume: true });
  const notes: string[] = [];
  try {
    const runs = experiment.run();
    const records = [];
    let next = await runs.next();
    for (; !next.done; next = await runs.next()) {
      const event: ExperimentEvent = next.value;
      if (event.kind === "note") notes.push(event.text);
      if (event.kind === "run-end") records.push(event.record);
    }
    const { folder, dataset } = experiment;
    await writeReport({ folder, dataset, results: next.value, runs: records, command: "" });
    notes.push(...folder.notes);
  } finally {
    await experiment.close();
  }
  return { ...(await ending(out, dataDir)), notes };
}

/** The same of a folder that is finished. */
export async function ending(out: string, dataDir: string): Promise<Ending> {
  const hash = createHash("sha256");
  for (const run of ["teacher", "student"]) {
    hash.update(await readFile(join(out, run, "model.safetensors")));
    hash.update(await readFile(join(out, run, "random.json")));
    hash.update(withoutTimes(await readFile(join(out, run, "run.json"), "utf8")));
  }
  hash.update(withoutTimes(await readFile(join(out, "results.json"), "utf8")));
  hash.update(JSON.stringify(await evaluate(out, dataDir)));
  const page = await readFile(join(out, "report.html"), "utf8");
  return { bits: hash.digest("hex"), curves: /id="curves">([^]*?)<\/script>/.exec(page)?.[1] ?? "", notes: [] };
}

/** Classifies the test images with the student's weights. */
export function evaluate(out: string, dataDir: string): Promise<unknown> {
  const weights = join(out, "student", "model.safetensors");
  return result(evaluateFile({ ...small, dataDir, weights, model: "LightNN" }));
}

/** NOTE: a record that was read and is written again has its fields in another order. */
function withoutTimes(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (/seconds$|^(environment|latency|untimed)$/i.test(key)) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
