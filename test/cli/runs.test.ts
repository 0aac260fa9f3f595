import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Results } from "../../src/experiment/record.ts";
import { limbeck } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-runs-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const small = ["--engine", "reference", "--limit", "16", "--batch-size", "8"];
const json = (file: string): unknown => JSON.parse(readFileSync(join(cwd, file), "utf8"));

test("train writes its folder, prints the table and what to try next, and evaluate finds the same accuracy", async () => {
  const trained = await limbeck(["train", ...small, "--epochs", "2", "--out", "plain"], { cwd });
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stdout).toMatch(
    /^\nRun +Test accuracy +Gain +Parameters +Size +Time\nLightNN alone +\d+\.\d\d% +267,738 /,
  );
  expect(trained.stdout).toContain("Report: plain/report.html");
  expect(trained.stdout).toContain("--teacher plain/model/model.safetensors");
  expect(trained.stderr).toContain("[1/1] LightNN alone  epoch 2/2  loss ");
  const results = json("plain/results.json") as Results;
  expect(results.runs.map(({ name }) => name)).toEqual(["model"]);
  expect(readFileSync(join(cwd, "plain/report.html"), "utf8")).toContain("limbeck train --dataset shapes --limit 16");

  const evaluated = await limbeck(["evaluate", "plain/model/model.safetensors", ...small, "--json"], { cwd });
  const { accuracy, classes } = JSON.parse(evaluated.stdout) as { accuracy: number; classes: string[] };
  expect(accuracy).toBe(results.runs[0]!.testAccuracy);
  expect(classes).toHaveLength(10);
});

test("a folder that holds a run is not overwritten", async () => {
  const first = await limbeck(["train", ...small, "--epochs", "1", "--out", "taken"], { cwd });
  expect(first.code, first.stderr).toBe(0);
  const before = readFileSync(join(cwd, "taken/results.json"), "utf8");
  const second = await limbeck(["train", ...small, "--epochs", "1", "--out", "taken", "--seed", "1"], { cwd });
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/^error OUTPUT: /);
  expect(readFileSync(join(cwd, "taken/results.json"), "utf8")).toBe(before);
});

test("Ctrl-C ends with 130 within a second and says how to go on; that gives the weights of an undisturbed run", async () => {
  const args = ["train", ...small, "--epochs", "3"];
  const whole = limbeck([...args, "--out", "whole"], { cwd });
  let interrupted = 0;
  const stopped = await limbeck([...args, "--out", "stopped", "--json"], {
    cwd,
    onStderr: (stderr, child) => {
      if (interrupted > 0 || !stderr.includes("epoch 1/3")) return;
      interrupted = performance.now();
      child.kill("SIGINT");
    },
  });
  expect(performance.now() - interrupted).toBeLessThan(1500);
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stderr).toMatch(/To go on:\n {2}.* train --resume stopped\nerror ABORTED: /);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: "ABORTED" } });
  expect(existsSync(join(cwd, "stopped/model/model.safetensors"))).toBe(false);

  const resumed = await limbeck(["train", "--resume", "stopped", "--json"], { cwd });
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ folder: "stopped", report: "stopped/report.html" });
  expect((await whole).code).toBe(0);
  const weights = (run: string): Buffer => readFileSync(join(cwd, run, "model/model.safetensors"));
  expect(weights("stopped").equals(weights("whole"))).toBe(true);
});
