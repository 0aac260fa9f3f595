/** @file `--csv` of the commands that train: one table on stdout, the same as `limbeck compare` prints of the folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limbeck } from "./limbeck.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "limbeck-csv-"));
});
afterAll(() => rm(cwd, { recursive: true }));

const tiny = ["shapes", "--limit", "64", "--batch-size", "16", "--epochs", "1", "--threads", "1", "--csv"];
const rowsOf = (text: string) => parse(text, { columns: true }) as Record<string, string>[];

test("train prints its network; distill its teacher, the student alone and the taught one, with the gain", async () => {
  const { code, stdout } = await limbeck(["train", ...tiny, "--out", "deep"], { cwd });
  expect([code, rowsOf(stdout)]).toMatchObject([0, [{ title: "LightNN alone", n: "1", seeds: "42" }]]);
  const teacher = ["--teacher", "deep", "--student", "LightNN", "--force", "--seeds", "1-2"];
  const distilled = await limbeck(["distill", ...tiny, ...teacher, "--out", "taught"], { cwd, baseline: true });
  const rows = rowsOf(distilled.stdout);
  expect(rows.map(({ role, n }) => [role, n])).toEqual([
    ["teacher", "1"],
    ["baseline", "2"],
    ["method", "2"],
  ]);
  const [, alone, taught] = rows;
  expect(Number(taught!["gain"])).toBeCloseTo(Number(taught!["accuracy"]) - Number(alone!["accuracy"]), 9);
  const compared = rowsOf((await limbeck(["compare", "taught", "--csv"], { cwd })).stdout);
  expect(compared.map(({ accuracy, gain }) => [accuracy, gain]).toSorted()).toEqual(
    rows.map(({ accuracy, gain }) => [accuracy, gain]).toSorted(),
  );
});

test("it does not go with --json", async () => {
  expect(await limbeck(["train", ...tiny, "--json"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("cannot be used with option '--csv'"),
  });
});
