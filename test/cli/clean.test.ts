/** @file `limbeck clean`: what it removes, and what it never does. */
import { cp, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { takeLock } from "../../src/data/node/lock.ts";
import { limbeck } from "./limbeck.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "limbeck-clean-"));
  await limbeck(["train", "shapes", "--limit", "64", "--epochs", "1", "--out", "run", "--json"], { cwd });
});
afterAll(() => rm(cwd, { recursive: true }));

const clean = (...args: string[]) => limbeck(["clean", ...args], { cwd });
const names = async (folder: string) => (await readdir(join(cwd, folder), { recursive: true })).toSorted();
const isThere = (path: string) =>
  stat(join(cwd, path)).then(
    () => true,
    () => false,
  );

test("leftovers and checkpoints of a finished run are named, then removed; the rest, and what links lead to, stays", async () => {
  await cp(join(cwd, "run"), join(cwd, "left"), { recursive: true });
  const before = await names("left");
  await mkdir(join(cwd, "outside"));
  for (const path of ["left/model/checkpoint-1", "left/model/run.json.part", "outside/checkpoint-1", "outside/x.part"])
    await writeFile(join(cwd, path), new Uint8Array(1000));
  await symlink(join(cwd, "outside"), join(cwd, "left/link"));
  const dry = await clean("left");
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toContain("left/model/checkpoint-1  1 kB, checkpoint of a finished run");
  expect(dry.stdout).toContain("Would remove 2 files and folders, 2 kB; --yes does it.");
  expect(await isThere("left/model/checkpoint-1")).toBe(true);
  expect((await clean("left", "--yes")).stdout).toContain("Removed: 2 files and folders, 2 kB.");
  await rm(join(cwd, "left/link"));
  expect(await names("left")).toEqual(before);
  expect(await names("outside")).toEqual(["checkpoint-1", "x.part"]);
  expect((await clean("left", "--yes")).stdout).toBe("Nothing to remove.\n");
  expect((await limbeck(["train", "--resume", "left", "--json"], { cwd })).code).toBe(0);
});

test("a checkpoint that a run goes on from stays", async () => {
  const onStderr = (stderr: string, child: { kill(signal: "SIGKILL"): boolean }) => {
    if (/epoch 2/.test(stderr)) child.kill("SIGKILL");
  };
  await limbeck(["train", "shapes", "--limit", "64", "--epochs", "500", "--out", "killed"], { cwd, onStderr });
  await clean("killed", "--yes");
  expect(await names("killed/model")).toEqual(expect.arrayContaining([expect.stringMatching(/^checkpoint-[12]$/)]));
  expect(await isThere("killed/lock")).toBe(false);
});

test("nothing is removed of a folder that a live process holds, or of one that is not Limbeck's", async () => {
  await cp(join(cwd, "run"), join(cwd, "held"), { recursive: true });
  await writeFile(join(cwd, "held/model/checkpoint-1"), "");
  const lock = await takeLock(join(cwd, "held/lock"));
  try {
    const { stderr } = await clean("held", "--yes");
    expect(stderr).toContain(`Kept: held is under way by process ${process.pid}`);
    expect(await isThere("held/model/checkpoint-1")).toBe(true);
  } finally {
    await lock.release();
  }
  await mkdir(join(cwd, "other"));
  expect(await clean("other", "--yes")).toMatchObject({ code: 1, stderr: expect.stringContaining("holds no run") });
  expect(await clean()).toMatchObject({ code: 2, stderr: expect.stringContaining("clean needs a folder") });
});

test("of a study, runs that its description no longer has go with --stale alone", async () => {
  const plan = { limbeck: "0", description: {}, runs: [{ id: "kd-seed-1-0123456789ab" }] };
  const runs = join(cwd, "study/runs");
  await mkdir(join(runs, "dist-seed-1-ba9876543210/student"), { recursive: true });
  await cp(join(cwd, "run"), join(runs, "kd-seed-1-0123456789ab"), { recursive: true });
  await writeFile(join(cwd, "study/study.json"), JSON.stringify(plan));
  await writeFile(join(runs, "dist-seed-1-ba9876543210.json"), "{}");
  await writeFile(join(runs, "kd-seed-1-0123456789ab.json.part"), "{}");
  await writeFile(join(runs, "kd-seed-1-0123456789ab/model/checkpoint-2"), "");
  await mkdir(join(runs, ".kd-seed-1-0123456789ab.5f0c8a7e"));
  await clean("study", "--yes");
  expect(await readdir(runs)).toEqual([
    "dist-seed-1-ba9876543210",
    "dist-seed-1-ba9876543210.json",
    "kd-seed-1-0123456789ab",
  ]);
  expect(await isThere("study/runs/kd-seed-1-0123456789ab/model/checkpoint-2")).toBe(false);
  const lock = await takeLock(join(runs, "dist-seed-1-ba9876543210.lock"));
  await clean("study", "--stale", "--yes");
  await lock.release();
  expect(await readdir(runs)).toContain("dist-seed-1-ba9876543210");
  await clean("study", "--stale", "--yes");
  expect(await readdir(runs)).toEqual(["kd-seed-1-0123456789ab"]);
  await mkdir(join(cwd, "study/targets"));
  await writeFile(join(cwd, "study/targets/a.safetensors"), "");
  await clean("study", "--yes");
  expect(await isThere("study/targets/a.safetensors")).toBe(true);
  await writeFile(join(runs, "kd-seed-1-0123456789ab.json"), "{}");
  await clean("study", "--yes");
  expect(await isThere("study/targets")).toBe(false);
});

test("the cache goes with --cache alone; downloads stay", async () => {
  const cache = join(cwd, "cache");
  for (const folder of ["images/photos-1", "teachers", "cifar-10-batches-bin"]) {
    await mkdir(join(cache, folder), { recursive: true });
    await writeFile(join(cache, folder, "file"), new Uint8Array(500));
  }
  const { stdout } = await limbeck(["clean", "--cache", "--yes", "--json"], { cwd, env: { LIMBECK_CACHE: cache } });
  expect(JSON.parse(stdout)).toMatchObject({ removed: true, bytes: 1000 });
  expect(await names("cache")).toEqual(["cifar-10-batches-bin", "cifar-10-batches-bin/file", "images", "teachers"]);
});
