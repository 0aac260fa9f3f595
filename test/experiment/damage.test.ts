/** @file A run's folder with one thing changed: what is read of it is what was written, or an error says which file is not. */
import { appendFile, cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeReport } from "../../src/cli/report-file.ts";
import { evaluateFile, openExperiment, type ExperimentEvent } from "../../src/entries/node.ts";
import { result } from "../../src/train/events.ts";

const config = { threads: 1, limit: 10, batchSize: 5, epochs: 2, seed: 3, latency: false };
let root: string;
let bits: Buffer;
let tries = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "limbeck-damage-"));
  await train(join(root, "finished"));
  bits = await readFile(join(root, "finished", weights));
  await expect(train(join(root, "stopped"), { steps: 3 })).rejects.toMatchObject({ code: "ABORTED" });
  await expect(train(join(root, "other"), { steps: 3, seed: 4 })).rejects.toMatchObject({ code: "ABORTED" });
});
afterAll(() => rm(root, { recursive: true }));

const weights = "model/model.safetensors";

/** Trains, or goes on, up to so many steps; returns the notes, with those of the report. */
async function train(out: string, { resume = false, steps = Infinity, seed = config.seed } = {}): Promise<string[]> {
  const stop = new AbortController();
  const given = resume ? undefined : { ...config, seed };
  const experiment = await openExperiment("train", given, { out, resume, signal: stop.signal });
  try {
    const events: ExperimentEvent[] = [];
    const runs = experiment.run();
    let next = await runs.next();
    for (; !next.done; next = await runs.next()) {
      events.push(next.value);
      if (next.value.kind === "step" && next.value.step >= steps) stop.abort();
    }
    const records = events.flatMap((event) => (event.kind === "run-end" ? [event.record] : []));
    const { folder, dataset } = experiment;
    await writeReport({ folder, dataset, results: next.value, runs: records, command: "" });
    return [
      ...events.flatMap((event) => (event.kind === "note" && event.about === undefined ? [event.text] : [])),
      ...folder.notes,
    ];
  } finally {
    await experiment.close();
  }
}

/** A copy of one of the folders above. */
async function copy(of: "finished" | "stopped"): Promise<string> {
  const out = join(root, `try-${++tries}`);
  await cp(join(root, of), out, { recursive: true });
  return out;
}

const resume = (out: string): Promise<string[]> => train(out, { resume: true });
const edit = async (file: string, from: string | RegExp, to: string): Promise<void> => {
  const text = await readFile(file, "utf8");
  expect(text).toMatch(from);
  await writeFile(file, text.replace(from, to));
};
const flip = async (file: string): Promise<void> => {
  const bytes = await readFile(file);
  bytes[bytes.length - 5]! ^= 4;
  await writeFile(file, bytes);
};
const damaged = (file: string): unknown =>
  expect.objectContaining({ code: "CHECKSUM", message: expect.stringContaining(file) });

describe("untouched", () => {
  test.each(["finished", "stopped"] as const)("%s: goes on to the same bits without a word", async (of) => {
    const out = await copy(of);
    expect(await resume(out)).toEqual([]);
    expect((await readFile(join(out, weights))).equals(bits)).toBe(true);
    const left = await readdir(out, { recursive: true });
    expect(left.filter((path) => /checkpoint|part|lock/.test(path))).toEqual([]);
  });
});

describe("refused when it goes on", () => {
  test.each<[string, "finished" | "stopped", string, (file: string) => Promise<unknown>]>([
    [
      "another learning rate",
      "stopped",
      "config.json",
      (file) => edit(file, '"learningRate": 0.001', '"learningRate": 0.002'),
    ],
    ["other epochs", "stopped", "config.json", (file) => edit(file, '"epochs": 2', '"epochs": 3')],
    ["an empty configuration", "stopped", "config.json", (file) => writeFile(file, "")],
    ["a configuration of noise", "stopped", "config.json", (file) => writeFile(file, Uint8Array.of(0, 255, 1))],
    ["accuracy 99", "finished", "model/run.json", (file) => edit(file, /"accuracy": [\d.]+/, '"accuracy": 99')],
    ["an empty record", "finished", "model/run.json", (file) => writeFile(file, "")],
    ["no record", "finished", "model/run.json", (file) => rm(file)],
    ["one digit of the random stream", "finished", "model/random.json", (file) => edit(file, /\d(?=,)/, "x")],
    ["one bit of the weights", "finished", weights, flip],
    ["no weights", "finished", weights, (file) => rm(file)],
    ["an empty manifest", "finished", "manifest.json", (file) => writeFile(file, "")],
    ["one digit of the manifest", "stopped", "manifest.json", (file) => edit(file, /"lines": [2-9]/, '"lines": 1')],
    ["no manifest", "stopped", "manifest.json", (file) => rm(file)],
  ])("%s", async (_, of, path, damage) => {
    const out = await copy(of);
    await damage(join(out, path));
    const named = path === "manifest.json" ? expect.anything() : damaged(path);
    await expect(resume(out)).rejects.toEqual(named);
    await expect(resume(out)).rejects.toMatchObject({ code: "CHECKSUM" });
  });

  test("both checkpoints damaged, or another experiment's", async () => {
    const both = ["model/checkpoint-1", "model/checkpoint-2"];
    const out = await copy("stopped");
    for (const path of both) await flip(join(out, path));
    await expect(resume(out)).rejects.toMatchObject({ code: "WEIGHTS" });
    for (const path of both) await cp(join(root, "other", path), join(out, path));
    await expect(resume(out)).rejects.toMatchObject({ code: "WEIGHTS" });
  });
});

describe("done without, with a word", () => {
  test.each(["model/checkpoint-1", "model/checkpoint-2"])("%s, for the other one", async (path) => {
    for (const damage of [flip, rm, (file: string) => writeFile(file, "")]) {
      const out = await copy("stopped");
      await damage(join(out, path));
      expect(await resume(out)).toEqual([expect.stringContaining(path)]);
      expect((await readFile(join(out, weights))).equals(bits)).toBe(true);
    }
  });

  test.each(["finished", "stopped"] as const)("the log of batches, for the curves, of a run that is %s", async (of) => {
    for (const damage of [flip, rm, (file: string) => edit(file, /\d/, "7")]) {
      const out = await copy(of);
      await damage(join(out, "model/steps.jsonl"));
      const notes = await resume(out);
      expect(notes.length).toBeGreaterThan(0);
      for (const note of notes) expect(note).toContain("steps.jsonl");
      expect((await readFile(join(out, weights))).equals(bits)).toBe(true);
      const page = await readFile(join(out, "report.html"), "utf8");
      expect(page).toContain("has no curves");
    }
  });

  test("a run's whole folder, which is done again", async () => {
    const out = await copy("finished");
    await rm(join(out, "model"), { recursive: true });
    expect(await resume(out)).toEqual([expect.stringMatching(/model is gone; that run is done again/)]);
    expect((await readFile(join(out, weights))).equals(bits)).toBe(true);
  });
});

test("lines behind the last checkpoint, as a killed process leaves them, are no damage", async () => {
  const out = await copy("stopped");
  await appendFile(join(out, "model/steps.jsonl"), '{"step":4,"epoch":2,"lo');
  expect(await resume(out)).toEqual([]);
});

test("weights in a run's folder are checked wherever they are used", async () => {
  const out = await copy("finished");
  await flip(join(out, weights));
  const file = join(out, weights);
  const given = { engine: "reference", limit: 10, weights: file } as const;
  await expect(result(evaluateFile(given))).rejects.toEqual(damaged(weights));
  const teaching = openExperiment(
    "distill",
    { ...config, teacher: file, teacherModel: "LightNN" },
    { out: join(root, "taught") },
  );
  await expect(teaching).rejects.toEqual(damaged(weights));
});

test("another teacher in the same place is refused", async () => {
  const teacher = join(root, "teacher.safetensors");
  await cp(join(root, "finished", weights), teacher);
  const out = join(root, "student");
  const stop = new AbortController();
  const options = { out, signal: stop.signal };
  const given = { ...config, teacher, teacherModel: "LightNN", baseline: false };
  const first = await openExperiment("distill", given, options);
  const stopped = async (): Promise<void> => {
    for await (const event of first.run()) if (event.kind === "step") stop.abort();
  };
  await expect(stopped()).rejects.toMatchObject({ code: "ABORTED" });
  await first.close();
  await rm(join(out, "teacher"), { recursive: true }); // else its weights there are taken
  await flip(teacher);
  await expect(openExperiment("distill", undefined, { out, resume: true })).rejects.toEqual(damaged(teacher));
});

describe("a folder that goes while it is trained in", () => {
  test.each<[string, (out: string) => Promise<unknown>]>([
    ["removed", (out) => rm(out, { recursive: true })],
    ["moved away", (out) => rename(out, `${out}-elsewhere`)],
    [
      "replaced",
      async (out) => {
        await rename(out, `${out}-elsewhere`);
        await cp(join(root, "finished"), out, { recursive: true });
      },
    ],
  ])("%s: an error, and nothing is written", async (_, act) => {
    const out = join(root, `try-${++tries}`);
    const experiment = await openExperiment("train", config, { out });
    const going = async (): Promise<void> => {
      for await (const event of experiment.run()) {
        if (event.kind === "step" && event.step === 1) await act(out);
      }
    };
    await expect(going()).rejects.toMatchObject({ code: "OUTPUT", message: expect.stringMatching(/lock was removed/) });
    await experiment.close();
    const left = await readdir(out, { recursive: true }).catch(() => []);
    expect(left).toEqual(_ === "replaced" ? await readdir(join(root, "finished"), { recursive: true }) : []);
  });

  test("between two checkpoints: within seconds", async () => {
    const out = join(root, `try-${++tries}`);
    const experiment = await openExperiment("train", { ...config, limit: 400, epochs: 1 }, { out });
    let removed = Infinity;
    const going = async (): Promise<void> => {
      for await (const event of experiment.run()) {
        if (event.kind === "step" && event.step === 1) {
          await rm(out, { recursive: true });
          removed = performance.now();
        }
        await sleep(20);
      }
    };
    await expect(going()).rejects.toMatchObject({ code: "OUTPUT" });
    expect(performance.now() - removed).toBeLessThan(5000);
    await experiment.close();
  });
});
