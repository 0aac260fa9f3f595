/** @file Several teachers, chains of assistants and mutual learning, as experiments in folders. */
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LimbeckError } from "../../src/errors.ts";
import { openExperiment } from "../../src/experiment/node/open.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import { createModel } from "../../src/models/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { comparison } from "../../src/report/comparison.ts";
import { modelTensors, writeSafetensors } from "../../src/weights/index.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-ways-"));
  for (const [name, seed] of [
    ["LightNN", 1],
    ["resnet8", 2],
  ] as const) {
    const model = createModel(name);
    const values = initialise(model.module, torchRandom(seed));
    await writeFile(join(root, `${name}.safetensors`), writeSafetensors(modelTensors(model, values)));
  }
});
afterAll(() => rm(root, { recursive: true }));

const small = { limit: 40, batchSize: 20, epochs: 1, threads: 1, latency: false };
const file = (name: string) => join(root, `${name}.safetensors`);

/** Runs to the end, or stops after so many steps. */
async function run(
  command: "distill" | "train",
  out: string,
  given: object | undefined,
  steps = Infinity,
): Promise<RunRecord[]> {
  const abort = new AbortController();
  const options = { out: join(root, out), resume: given === undefined, signal: abort.signal };
  const baseline = command === "distill" && given ? { baseline: false } : {};
  const experiment = await openExperiment(command, given && { ...baseline, ...given }, options);
  const records: RunRecord[] = [];
  try {
    let left = steps;
    for await (const event of experiment.run()) {
      if (event.kind === "run-end") records.push(event.record);
      if (event.kind === "step" && --left === 0) abort.abort();
    }
  } finally {
    await experiment.close();
  }
  return records;
}

const weights = async (out: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(join(root, out), { recursive: true }))
        .filter((path) => path.endsWith("model.safetensors"))
        .map(async (path) => [path, (await readFile(join(root, out, path))).toString("base64")]),
    ),
  );

const chain = () => ({
  ...small,
  teacher: [file("LightNN"), file("resnet8")],
  teacherModel: ["LightNN", "resnet8"],
  teacherWeight: [2, 1],
  assistants: ["resnet8", "LightNN"],
  student: "LightNN",
  method: "kd+dist",
});

test("two teachers teach the first assistant, each network the next; stopped anywhere it ends the same", async () => {
  const records = await run("distill", "whole", chain());
  expect(records.map(({ name, model, method }) => [name, model, method])).toEqual([
    ["teacher-1", "LightNN", "ce"],
    ["teacher-2", "resnet8", "ce"],
    ["teacher", "LightNN + resnet8", "ce"],
    ["assistant-1", "resnet8", "kd+dist"],
    ["assistant-2", "LightNN", "kd+dist"],
    ["student", "LightNN", "kd+dist"],
  ]);
  expect(records[2]!.parameters).toBe(records[0]!.parameters + records[1]!.parameters);
  const labels = records[0]!.test.predictions;
  expect(comparison(records, labels).map(({ gain }) => gain)).toEqual(Array(6).fill(undefined));
  const whole = await weights("whole");
  expect(whole["assistant-2/model.safetensors"]).not.toBe(whole["student/model.safetensors"]);
  for (const steps of [1, 3]) {
    const out = `stopped-${steps}`;
    await expect(run("distill", out, chain(), steps)).rejects.toMatchObject({ code: "ABORTED" });
    await run("distill", out, undefined);
    expect(await weights(out)).toEqual(whole);
  }
});

test("teachers whose files are gone go on from the folder; those that it does not hold yet are asked for", async () => {
  const whole = await run("distill", "kept-whole", chain());
  const moved = { ...chain(), teacher: [join(root, "moved-1.safetensors"), join(root, "moved-2.safetensors")] };
  for (const [i, path] of moved.teacher.entries()) await copyFile(chain().teacher[i]!, path);
  await expect(run("distill", "kept", moved, 1)).rejects.toMatchObject({ code: "ABORTED" });
  for (const path of moved.teacher) await rm(path);
  expect((await run("distill", "kept", undefined)).map(({ name }) => name)).toEqual(whole.map(({ name }) => name));
  expect(await weights("kept")).toEqual(await weights("kept-whole"));
  await rm(join(root, "kept", "teacher-2"), { recursive: true });
  await expect(run("distill", "kept", undefined)).rejects.toBeInstanceOf(LimbeckError);
});

test("mutual learning trains a peer beside the student, and ships the student alone", async () => {
  const [record] = await run("train", "mutual", { ...small, method: "dml", options: { kdWeight: 2 } });
  expect(record!.auxiliaryParameters).toBe(record!.parameters);
  expect(Object.keys(record!.epochs[0]!.terms).sort()).toEqual(["ce", "kd", "peerCe", "peerKd"]);
  expect(record!.weights).toEqual({ kd: 2, ce: 1, peerKd: 2, peerCe: 1 });
  const [alone] = await run("train", "alone", small);
  expect(record!.bytes).toBe(alone!.bytes);
});

test("what does not fit is said before anything is run", async () => {
  const refused = (more: object) => run("distill", "refused", { ...chain(), ...more });
  await expect(refused({ teacherWeight: [1] })).rejects.toThrow(/teacherWeight: expected 2 for 2 teachers, got 1/);
  await expect(refused({ teacherModel: ["a", "b", "c"] })).rejects.toThrow(/teacherModel: expected 1 or 2/);
  await expect(refused({ assistants: ["resnet9"] })).rejects.toThrow(/did you mean resnet8\?/);
  await expect(refused({ method: "kd+regressor" })).rejects.toThrow(/LightNN \+ resnet8 declares no stages/);
  const single = { limit: 41, method: "srrl", teacher: file("resnet8"), teacherModel: "resnet8", student: "resnet8" };
  await expect(refused({ ...single, teacherWeight: undefined, assistants: [] })).rejects.toMatchObject({
    code: "SHAPE",
    message: expect.stringMatching(/leaves no single image over/),
  });
  expect(await readdir(join(root, "refused"))).toEqual([]);
  await expect(run("train", "refused", { ...small, method: "kd" })).rejects.toThrow(/limbeck distill --method kd/);
});
