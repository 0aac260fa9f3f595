/** @file `limbeck show`: what a folder holds, while it is worked on, stopped and done. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limbeck } from "./limbeck.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "limbeck-show-"));
});
afterAll(() => rm(cwd, { recursive: true }));

const show = (...args: string[]) => limbeck(["show", ...args], { cwd });
const shownAsJson = async (folder: string) => JSON.parse((await show(folder, "--json")).stdout) as unknown;
const tiny = ["shapes", "--limit", "64", "--batch-size", "16", "--threads", "1"];

test("a finished experiment: its runs, their figures, its files", async () => {
  await limbeck(["train", ...tiny, "--epochs", "1", "--out", "done", "--json"], { cwd });
  const { stdout, code } = await show("done");
  expect([code, stdout.split("\n")[0]]).toEqual([0, "done: limbeck train on shapes, done"]);
  const { runs } = JSON.parse(await readFile(join(cwd, "done/results.json"), "utf8")) as {
    runs: { testAccuracy: number }[];
  };
  const accuracy = runs[0]!.testAccuracy;
  expect(stdout).toMatch(new RegExp(`^LightNN alone +done +${accuracy.toFixed(2)}% +LightNN +ce +42 +267,738 `, "m"));
  expect(stdout).toMatch(/^ {2}model\/model.safetensors +1.07 MB$/m);
  expect(stdout).not.toContain("--resume");
  expect(await shownAsJson("done")).toMatchObject({
    kind: "experiment",
    command: "train",
    state: "done",
    runs: [{ name: "model", state: "done", done: 4, steps: 4, accuracy, parameters: 267_738 }],
    files: expect.arrayContaining([{ path: "model/model.safetensors", bytes: expect.any(Number) }]),
  });
  expect(await shownAsJson("done/model")).toMatchObject({ runs: [{ name: "model" }], state: "done" });
});

test("a finished experiment that is given more epochs has those", async () => {
  const begin = ["train", ...tiny, "--epochs", "1", "--extendable", "--out", "longer", "--json"];
  expect((await limbeck(begin, { cwd })).code).toBe(0);
  expect(await limbeck(["train", "--resume", "longer", "--epochs", "2"], { cwd })).toMatchObject({ code: 0 });
  expect(await shownAsJson("longer")).toMatchObject({ state: "done", runs: [{ epochs: 2, done: 8, steps: 8 }] });
  const refused = await limbeck(["train", "--resume", "longer", "--epochs", "1"], { cwd });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("would be fewer") });
});

test("an experiment under way names the process; killed, it has the epoch and the command that goes on", async () => {
  let live: Promise<unknown> | undefined;
  let pid: number | undefined;
  const onStderr = (stderr: string, child: { readonly pid?: number | undefined; kill(signal: "SIGKILL"): boolean }) => {
    if (!/epoch 2/.test(stderr) || live) return;
    pid = child.pid;
    live = shownAsJson("killed").finally(() => child.kill("SIGKILL"));
  };
  const { code } = await limbeck(["train", ...tiny, "--epochs", "500", "--out", "killed"], { cwd, onStderr });
  expect(code).toBe(null);
  expect(await live).toMatchObject({ state: "under way", holder: `process ${pid}`, runs: [{ state: "begun" }] });
  const { stdout } = await show("killed");
  expect(stdout).toMatch(/^killed: limbeck train on shapes, stopped in epoch \d+ of 500$/m);
  expect(stdout).toMatch(/\n {2}\S.* train --resume killed\n$/);
});

test("a study of 10,000 runs: each state counted, who works, why runs were set aside, what is left; in seconds", async () => {
  await writeFile(join(cwd, "study.yaml"), described);
  await limbeck(["study", "study.yaml", "--out", "study", "--threads", "1"], { cwd });
  const runs = join(cwd, "study/runs");
  const plan = JSON.parse(await readFile(join(cwd, "study/study.json"), "utf8")) as {
    runs: { id: string; role: string; seed: number }[];
  };
  const baseline = plan.runs.find(({ role }) => role === "alone");
  const summary = JSON.parse(await readFile(join(runs, `${baseline!.id}.json`), "utf8")) as object;
  const idOf = (i: number): string => `alone-seed-${i}-${String(i).padStart(12, "0")}`;
  const many = Array.from({ length: 10_000 - plan.runs.length }, (_, i) => ({
    ...baseline!,
    id: idOf(i),
    seed: i + 2,
  }));
  await writeFile(join(cwd, "study/study.json"), JSON.stringify({ ...plan, runs: [...plan.runs, ...many] }));
  const write = (id: string, seed: number): Promise<void> =>
    writeFile(join(runs, `${id}.json`), JSON.stringify({ ...summary, seed, seconds: 36 }));
  await Promise.all(many.slice(0, 5000).map(({ id, seed }) => write(id, seed)));
  const failure = JSON.stringify({ code: "NOT_FINITE", message: "a loss is NaN", date: "" });
  await writeFile(join(runs, `${idOf(9000)}.failures.jsonl`), `${failure}\n${failure}\n`);
  await mkdir(join(runs, idOf(9001)));
  await mkdir(join(runs, "gone-seed-1-0123456789ab"));
  const began = performance.now();
  const { stdout, code } = await show("study");
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^study: study first, 10,000 runs: 4,995 new, 1 begun, 5,003 done, 1 set aside$/m);
  expect(stdout).toMatch(/^About \d+ h \d\d min of computing left$/m);
  expect(stdout).toMatch(/Set aside:\n {2}student alone, seed 1: a loss is NaN/);
  expect(stdout).toContain("gone-seed-1-0123456789ab");
  expect(stdout).toContain("study work study");
}, 120_000);

test("a run of a study that a worker has is claimed", async () => {
  let live: Promise<unknown> | undefined;
  const onStderr = (stderr: string, child: { kill(signal: "SIGKILL"): boolean }) => {
    if (!stderr.includes("[1/") || live) return;
    live = shownAsJson("claimed").finally(() => child.kill("SIGKILL"));
  };
  const long = ["--set", "recipe.epochs=500", "--set", "teachers.train.recipe.epochs=500"];
  await limbeck(["study", "study.yaml", ...long, "--out", "claimed", "--threads", "1"], { cwd, onStderr });
  expect(await live).toMatchObject({ counts: { claimed: 1, done: 0 } });
  expect(await shownAsJson("claimed")).toMatchObject({ counts: { claimed: 0, begun: 1 } });
});

test("a folder that holds nothing of Limbeck's is refused with what to do", async () => {
  await mkdir(join(cwd, "other"));
  expect(await show("other")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("give a folder that --out named"),
  });
  expect(await show("missing")).toMatchObject({ code: 1, stderr: expect.stringContaining("missing is no folder") });
});

test("the cache: its parts and their sizes", async () => {
  const cache = join(cwd, "cache");
  await mkdir(join(cache, "images/photos-1"), { recursive: true });
  await writeFile(join(cache, "images/photos-1/0.shard"), new Uint8Array(2000));
  const { stdout } = await limbeck(["show", cache], { cwd, env: { LIMBECK_CACHE: cache } });
  expect(stdout).toMatch(/images\/photos-1 {2}pictures, decoded +2 kB/);
});

const described = `name: first
data: { dataset: shapes, limit: 64, engine: wasm }
teachers:
  train: { model: LightNN, recipe: { epochs: 1 } }
students: resnet8
methods: dist
recipe: { epochs: 1, batchSize: 16 }
seeds: 1
force: true
`;
