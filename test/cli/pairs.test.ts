/** @file Places to compare, from the command line to the log, the records and the report. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Results, RunRecord } from "../../src/experiment/record.ts";
import { limbeck } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-pairs-"));
afterAll(() => rmSync(cwd, { recursive: true }));
beforeAll(async () => {
  const made = await limbeck(["train", ...small, "--model", "resnet8", "--out", "teacher"], { cwd });
  expect(made.code, made.stderr).toBe(0);
});

const small = ["--limit", "8", "--batch-size", "4", "--epochs", "1"];
const teacher = ["--teacher", "teacher/model/model.safetensors", "--teacher-model", "resnet8"];
const distill = (...args: string[]) => limbeck(["distill", ...small, ...teacher, ...args], { cwd });
const read = (path: string): string => readFileSync(join(cwd, path), "utf8");
const pairsIn = (out: string) =>
  (JSON.parse(read(`${out}/student/run.json`)) as RunRecord).pairs?.map((pair) => `${pair.teacher}=${pair.student}`);

test("the stages that belong together are told in the log, the records and the report", async () => {
  const { code, stderr } = await distill("--method", "at", "--out", "default");
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("student: at compares layer2 [32, 16, 16] with features.4 [16, 16, 16]\n");
  expect(pairsIn("default")).toEqual(["layer2=features.4"]);
  const { runs } = JSON.parse(read("default/results.json")) as Results;
  expect(runs.map(({ pairs }) => pairs?.length)).toEqual([undefined, 1]);
  expect(read("default/report.html")).toContain("at compares layer2 [32, 16, 16] with features.4 [16, 16, 16].");
});

test("pairs that are given are compared, stand in config.json, and make the same run again", async () => {
  const given = ["--method", "at+cc", "--option", "cc.dimensions=8", "--pair", "layer3=features.5"];
  const { code, stderr } = await distill(...given, "--out", "given");
  expect(code, stderr).toBe(0);
  expect(pairsIn("given")).toEqual(Array(2).fill("layer3=features.5"));
  const again = await limbeck(["distill", "--config", "given/config.json", "--out", "again"], { cwd });
  expect(again.code, again.stderr).toBe(0);
  const weights = (out: string): Buffer => readFileSync(join(cwd, out, "student/model.safetensors"));
  expect(weights("again").equals(weights("given"))).toBe(true);
});

test("a pair that names no module is refused before anything is written, with the stages there are", async () => {
  const { code, stderr } = await distill("--method", "at", "--pair", "layer9=features.4", "--out", "refused");
  expect(stderr).toMatch(
    /^error UNKNOWN_NAME: unknown module "layer9" of resnet8; did you mean layer\d\? Its stages: .*layer2 \[32, 16, 16\]/,
  );
  expect(code).toBe(2);
  expect(readdirSync(cwd)).not.toContain("refused");
});
