/** @file One experiment with several students: alone and taught, by several methods, with several seeds. Each is bit for bit what it would be by itself. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openExperiment } from "../../src/experiment/node/open.ts";
import { weightsPath } from "../../src/experiment/node/run-folder.ts";
import type { ConfigInput } from "../../src/experiment/config.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import { readSafetensors } from "../../src/weights/index.ts";

const common = {
  dataset: "shapes",
  limit: 40,
  batchSize: 20,
  epochs: 1,
  engine: "wasm",
  threads: 1,
  latency: false,
} as const;
let root: string;
let teacher: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-several-"));
  await run("train", "big", { ...common, model: "LightNN", seed: 1 });
  teacher = join(root, "big");
});
afterAll(() => rm(root, { recursive: true }));

/** Runs to the end, or stops after so many steps; what was recorded. */
async function run<C extends "train" | "distill">(
  command: C,
  out: string,
  input: ConfigInput<C> | undefined,
  steps = Infinity,
): Promise<RunRecord[]> {
  const stop = new AbortController();
  const options = { out: join(root, out), resume: input === undefined, signal: stop.signal };
  const experiment = await openExperiment(command, input, options);
  const records: RunRecord[] = [];
  let left = steps;
  try {
    for await (const event of experiment.run()) {
      if (event.kind === "run-end") records.push(event.record);
      if (event.kind === "step" && --left === 0) stop.abort();
    }
  } finally {
    await experiment.close();
  }
  return records;
}

/** The tensors of a run: what its file says of its making may differ. */
async function tensors(path: string) {
  return readSafetensors(await readFile(join(root, path, "model.safetensors"))).tensors;
}

const distilling = { ...common, student: "resnet8", force: true } as const;

describe("two methods, two seeds", () => {
  const input = (): ConfigInput<"distill"> => ({
    ...distilling,
    teacher,
    method: "kd,dist",
    options: { "kd.temperature": 3 },
    seed: 7,
    seeds: 2,
  });
  let records: RunRecord[];
  beforeAll(async () => void (records = await run("distill", "several", input())));

  test("the student alone and one by each method, seed by seed, beside a teacher that is measured once", () => {
    expect(records.map(({ name, method, seed }) => [name, method, seed])).toEqual([
      ["teacher", "ce", 7],
      ["student-ce-seed7", "ce", 7],
      ["student-kd-seed7", "kd", 7],
      ["student-dist-seed7", "dist", 7],
      ["student-ce-seed8", "ce", 8],
      ["student-kd-seed8", "kd", 8],
      ["student-dist-seed8", "dist", 8],
    ]);
    expect(records[2]!.options).toMatchObject({ temperature: 3 });
    expect(records[3]!.options).not.toMatchObject({ temperature: 3 });
  });

  test("the student alone is that of limbeck train", async () => {
    await run("train", "alone", { ...common, model: "resnet8", seed: 8 });
    expect(await tensors("several/student-ce-seed8")).toEqual(await tensors("alone/model"));
  });

  test("a taught one is that of the same method and seed by itself", async () => {
    await run("distill", "one", {
      ...distilling,
      teacher,
      method: "kd",
      options: { temperature: 3 },
      seed: 8,
      baseline: false,
    });
    expect(await tensors("several/student-kd-seed8")).toEqual(await tensors("one/student"));
  });

  test.each([1, 4, 9])("stopped after %i steps and resumed, it ends with the same bits", async (steps) => {
    const out = `stopped-${steps}`;
    await expect(run("distill", out, input(), steps)).rejects.toMatchObject({ code: "ABORTED" });
    await run("distill", out, undefined);
    for (const { name } of records.slice(1))
      expect(await tensors(join(out, name))).toEqual(await tensors(join("several", name)));
  });

  test("its folder means no single student", async () => {
    await expect(weightsPath(join(root, "several"))).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringContaining(join(root, "several", "student-dist-seed7")),
    });
  });
});

test("one method and seed: student-ce beside student, which the folder stands for", async () => {
  const records = await run("distill", "plain", { ...distilling, teacher });
  expect(records.map(({ name }) => name)).toEqual(["teacher", "student-ce", "student"]);
  expect(await weightsPath(join(root, "plain"))).toBe(join(root, "plain/student/model.safetensors"));
});

test("given seeds are taken as they are, and ce among the methods is the student alone", async () => {
  const records = await run("distill", "given", { ...distilling, teacher, method: "ce,kd", seeds: [3] });
  expect(records.map(({ name, seed }) => [name, seed])).toEqual([
    ["teacher", 42],
    ["student-ce", 3],
    ["student-kd", 3],
  ]);
});

test("a gap of momenta, which is for a teacher's gradient, is none of the student alone", async () => {
  const optimiserOptions = { momentum: 0.5, momentumGap: 0.1 };
  const records = await run("distill", "dot", { ...distilling, teacher, optimiser: "sgd", optimiserOptions });
  expect(records.map(({ name }) => name)).toEqual(["teacher", "student-ce", "student"]);
});

describe("refused", () => {
  const refused = (more: object) => run("distill", "refused", { ...distilling, teacher, ...more });
  test.each([
    [{ method: "kd,kd" }, "ARGUMENT", "kd should be given once"],
    [{ method: "kd,nosuch" }, "UNKNOWN_NAME", "nosuch"],
    [{ method: "kd,dist", options: { "at.temperature": 2 } }, "UNKNOWN_NAME", "at"],
    [{ method: "kd,dist", options: { "kd.warmth": 2 } }, "UNKNOWN_NAME", "warmth"],
    [{ method: "kd,dist", options: { warmth: 2 } }, "UNKNOWN_NAME", "warmth"],
    [{ seeds: [1, 1] }, "CONFIG", "seeds that differ"],
    [{ seeds: 0 }, "CONFIG", "seeds"],
    [{ seeds: [] }, "CONFIG", "seeds"],
    [{ seeds: 2, assistants: ["resnet8"] }, "ARGUMENT", "assistants"],
  ])("%o", async (more, code, message) => {
    await expect(refused(more)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
