import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { limbeck, main, node } from "./limbeck.ts";

const folder = mkdtempSync(join(tmpdir(), "limbeck-hard-"));
afterAll(() => rmSync(folder, { recursive: true }));

const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
const size = ["--limit", "16", "--batch-size", "8"];
const small = ["--threads", "1", ...size];

describe.concurrent("who listens may leave", () => {
  test.each([["stdout"], ["stderr"]] as const)("a training whose %s is closed goes on and saves", async (stream) => {
    const child = spawn(node, [main, "train", ...small, "--epochs", "3", "--out", stream], { cwd: folder, env });
    child[stream === "stdout" ? "stderr" : "stdout"].resume();
    child[stream].destroy();
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(0);
    for (const file of ["model/run.json", "model/model.safetensors", "report.html"])
      expect(existsSync(join(folder, stream, file)), file).toBe(true);
    expect(readdirSync(join(folder, stream))).not.toContain("lock");
  });

  test("list ends quietly with 0 when its reader has seen enough", async () => {
    const child = spawn(node, [main, "list"], { env });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect([code, stderr]).toEqual([0, ""]);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a disk that is full", () => {
  test.each([["list"], ["list methods --json"], ["--help"], ["--version"]])(
    "a result that cannot be written is an error: %s",
    async (line) => {
      const full = openSync("/dev/full", "w");
      const child = spawn(node, [main, ...line.split(" ")], { env, stdio: ["ignore", full, "pipe"] });
      closeSync(full);
      let stderr = "";
      child.stderr!.on("data", (text: Buffer) => (stderr += text.toString()));
      const [code] = (await once(child, "close")) as [number];
      expect(stderr).toMatch(/^error OUTPUT: the result cannot be written to stdout: ENOSPC[^\n]*\n$/);
      expect(code).toBe(1);
    },
  );

  test("progress that cannot be written stops no training", async () => {
    const full = openSync("/dev/full", "w");
    const args = ["train", ...small, "--epochs", "1", "--out", "full"];
    const child = spawn(node, [main, ...args], { cwd: folder, env, stdio: ["ignore", "ignore", full] });
    closeSync(full);
    expect(((await once(child, "close")) as [number])[0]).toBe(0);
    expect(existsSync(join(folder, "full/report.html"))).toBe(true);
  });
});

test.each([["train"], ["evaluate x.safetensors"], ["distill --teacher x"], ["tutorial --limit 8"]])(
  "a working folder that was removed is an error: %s",
  async (line) => {
    const gone = mkdtempSync(join(folder, "gone-"));
    const script = `rmdir ${gone} && exec "$0" "$@"`;
    const child = spawn("sh", ["-c", script, node, main, ...line.split(" ")], { cwd: gone, env });
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect(stderr).toMatch(/^error OUTPUT: the working folder no longer exists/);
    expect(code).toBe(1);
  },
);

test("a training that is stopped after its folder was removed does not offer to go on with it", async () => {
  const out = join(folder, "removed");
  const { code, stderr } = await limbeck(["train", "--engine", "reference", ...size, "--epochs", "200", "--out", out], {
    onStderr: (text, child) => {
      if (!text.includes("epoch 1/200") || child.killed) return;
      rmSync(out, { recursive: true, force: true });
      child.kill("SIGINT");
    },
  });
  expect(stderr).toMatch(/\nerror (ABORTED|OUTPUT): /);
  expect(stderr).not.toContain("To resume");
  expect(code).toBeGreaterThan(0);
});

test.each([
  ["train", "--out", ""],
  ["train", "--resume", ""],
  ["train", "--config", ""],
  ["train", "cifar10", "--data-dir", ""],
  ["tutorial", "--teacher", ""],
  ["distill", "--teacher", ""],
  ["evaluate", ""],
])("an empty path is wrong usage: limbeck %s %s", async (...args) => {
  const cwd = join(folder, "empty");
  mkdirSync(cwd, { recursive: true });
  const { code, stderr } = await limbeck(args, { cwd });
  expect(stderr).toMatch(/^error ARGUMENT: .*It should be a path/);
  expect(code).toBe(2);
  expect(readdirSync(cwd)).toEqual([]);
});
