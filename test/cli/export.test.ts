/** @file `limbeck export`: a folder that others run, checked, measured and described; or none. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shapes } from "../../src/data/shapes.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import type { ExportRecord } from "../../src/ship/record.ts";
import { loaded, script } from "../ship/students.ts";
import { limbeck } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-export-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const fast = ["--threads", "1"];
const { test: images, classes } = shapes({ train: 1, test: 64 });

beforeAll(async () => {
  const args = ["train", ...fast, "--limit", "64", "--batch-size", "16", "--epochs", "1", "--out", "run"];
  const { code, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
}, 60_000);

const read = (path: string): string => readFileSync(join(cwd, path), "utf8");

describe("an export of a run", () => {
  let printed: string;
  beforeAll(async () => {
    const { code, stdout, stderr } = await limbeck(["export", "run"], { cwd });
    expect(code, stderr).toBe(0);
    printed = stdout;
  });

  test("says on stdout how well it does and what it weighs", () => {
    expect(printed).toMatch(/^LightNN as web in float32: run-web-float32\n/);
    expect(printed).toMatch(/\| 64 images +\| +held-out images of shapes +\|/);
    expect(printed).toMatch(/accuracy +\| +([\d.]+%) \(network \1, 0\.00\)/);
    expect(printed).toMatch(/same class as the network +\| +100\.00%/);
    expect(printed).toMatch(/one image +\| +([\d.]+ (µs|ms) \(median of \d+, one thread|no steady time in \d+ runs)/);
    expect(printed).toMatch(/weights\.bin +\| +1\.07 MB/);
  });

  test("is a folder that a server may read, with its checksums, and nothing beside it", () => {
    const { files, origin, check } = JSON.parse(read("run-web-float32/student.json")) as ExportRecord;
    expect(readdirSync(join(cwd, "run-web-float32")).toSorted()).toEqual(
      [...Object.keys(files), "card.md", "student.json"].toSorted(),
    );
    for (const [name, { bytes, sha256 }] of Object.entries(files)) {
      const content = readFileSync(join(cwd, "run-web-float32", name));
      expect([content.length, createHash("sha256").update(content).digest("hex")], name).toEqual([bytes, sha256]);
      expect(read("run-web-float32/card.md")).toContain(sha256);
    }
    const weights = readFileSync(join(cwd, "run/model/model.safetensors"));
    expect(origin.weights).toBe(createHash("sha256").update(weights).digest("hex"));
    expect(check.classes!.reduce((sum, each) => sum + each.images, 0)).toBe(64);
    expect(statSync(join(cwd, "run-web-float32")).mode & 0o055).toBe(0o055);
    expect(readdirSync(cwd).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("answers as the run was tested", async () => {
    const { predictions } = (JSON.parse(read("run/model/run.json")) as RunRecord).test;
    const { classify } = await loaded(join(cwd, "run-web-float32"));
    for (const [i, prediction] of predictions.entries()) {
      const planes = images.image(i);
      const data = new Uint8Array(4 * 1024);
      for (let p = 0; p < 1024; p++) for (let c = 0; c < 3; c++) data[4 * p + c] = planes[c * 1024 + p]!;
      expect(classify({ data, width: 32, height: 32 })[0]!.name).toBe(classes[prediction]);
    }
  });

  test("has a card with its training and its classes", () => {
    const card = read("run-web-float32/card.md");
    expect(card).toContain("| Method | ce: labels alone, without a teacher |");
    expect(card).toContain("| Epochs | 1, seed 42 |");
    expect(card).toMatch(/\| accuracy, of this export \| [\d.]+% \|/);
    for (const name of classes) expect(card).toMatch(new RegExp(`\\| ${name} \\| \\d+ \\| [\\d.–]+%? \\|`));
  });

  test("is not overwritten, unless by force; and nothing else is, by force either", async () => {
    const before = statSync(join(cwd, "run-web-float32")).ino;
    const again = await limbeck(["export", "run"], { cwd });
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringContaining("error OUTPUT: run-web-float32 is not empty"),
    ]);
    expect(statSync(join(cwd, "run-web-float32")).ino).toBe(before);
    const forced = await limbeck(["export", "run", "--force", "--json", "--images", "10"], { cwd });
    expect(forced.code, forced.stderr).toBe(0);
    const { folder, check } = JSON.parse(forced.stdout) as ExportRecord & { readonly folder: string };
    expect([folder, check.images]).toEqual(["run-web-float32", 10]);
    expect(statSync(join(cwd, "run-web-float32")).ino).not.toBe(before);
    const run = await limbeck(["export", "run", "--force", "--out", "run"], { cwd });
    expect(run.stderr).toContain("error OUTPUT: run holds something other than an export");
    expect(existsSync(join(cwd, "run/model/model.safetensors"))).toBe(true);
    expect(readdirSync(cwd).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

test("a weights file alone, in float16, into a folder that is there and empty", async () => {
  mkdirSync(join(cwd, "site"));
  copyFileSync(join(cwd, "run/model/model.safetensors"), join(cwd, "alone.safetensors"));
  const args = ["export", "alone.safetensors", "--precision", "float16", "--out", "site", "--json", "--images", "200"];
  const { code, stdout, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
  const { precision, files, check } = JSON.parse(stdout) as ExportRecord;
  expect([precision, files["weights.bin"]!.bytes, check.images]).toEqual(["float16", 535_488, 200]);
  expect(check.difference).toBeGreaterThan(0);
  expect(check.difference).toBeLessThan(0.05);
});

test("as an ONNX file, which ONNX Runtime runs for one image and for 32", async () => {
  const { code, stdout, stderr } = await limbeck(["export", "run", "--format", "onnx"], { cwd });
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/one image[^]+32 images[^]+model\.onnx/);
  const { latency, files } = JSON.parse(read("run-onnx-float32/student.json")) as ExportRecord;
  expect(latency.runner).toBe("onnxruntime-node");
  expect(latency.runs.map(({ batch }) => batch)).toEqual([1, 32]);
  expect(Object.keys(files)).toEqual(["model.onnx"]);
});

test("in whole numbers, with ranges of so many training images, as a student of either kind of SIMD", async () => {
  const args = ["export", "run", "--precision", "int8", "--calibrate", "20", "--images", "50", "--json"];
  const { code, stdout, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
  const { files, check, ranges } = JSON.parse(stdout) as ExportRecord;
  expect([ranges, check.images]).toEqual([{ from: "images", images: 20 }, 50]);
  expect(files["weights.bin"]!.bytes).toBeLessThan(300_000);
  expect(check.agreement).toBeGreaterThan(80);
  const folder = join(cwd, "run-web-int8");
  const { load } = await script(folder);
  const weights = readFileSync(join(folder, "weights.bin"));
  const image = { data: Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256), width: 32, height: 32 };
  const [plain, relaxed] = await Promise.all(
    ["student.wasm", "student.relaxed.wasm"].map(async (name) => {
      const { logits } = await load({ wasm: readFileSync(join(folder, name)), weights });
      return logits(image);
    }),
  );
  expect(relaxed).toEqual(plain);
  expect(read("run-web-int8/card.md")).toContain(
    "exported as web in int8, whose ranges were seen on 20 training images",
  );
});

test("where the images are gone, noise is taken, and said so", async () => {
  const config = JSON.parse(read("run/config.json")) as Record<string, unknown>;
  mkdirSync(join(cwd, "moved/model"), { recursive: true });
  writeFileSync(join(cwd, "moved/config.json"), JSON.stringify({ ...config, dataset: "/nowhere/pictures", size: 32 }));
  copyFileSync(join(cwd, "run/model/model.safetensors"), join(cwd, "moved/model/model.safetensors"));
  const { code, stdout, stderr } = await limbeck(["export", "moved", ...fast], { cwd });
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("There are no held-out images, so noise is taken and no accuracy told: ");
  expect(stdout).toMatch(/\| 64 images +\| +images of noise +\|/);
  expect(stdout).not.toContain("accuracy");
  expect(read("moved-web-float32/card.md")).toContain("There were no held-out images");
  const int8 = await limbeck(["export", "moved", "--precision", "int8", ...fast], { cwd });
  expect([int8.code, int8.stderr]).toEqual([
    1,
    expect.stringContaining("error DATA_MISSING: int8 needs training images"),
  ]);
  expect(existsSync(join(cwd, "moved-web-int8"))).toBe(false);
});

test.each([
  ["export run --format wbe", 2, 'UNKNOWN_NAME: unknown format "wbe"'],
  [
    "export run --precision float23",
    2,
    'UNKNOWN_NAME: unknown precision of this format "float23"; did you mean float32',
  ],
  ["export run --engine gpu", 2, 'UNKNOWN_NAME: unknown engine "gpu"'],
  ["export run --images 0", 2, "ARGUMENT: "],
  ["export gone", 1, "WEIGHTS: the weights file gone cannot be read"],
  ["export", 2, "ARGUMENT: "],
  ["export run --out run/config.json", 1, "OUTPUT: run/config.json cannot be the folder of an export"],
  ["export run --out run/config.json/new", 1, "OUTPUT: run/config.json/new cannot be"],
])("%s", async (line, expected, message) => {
  const { code, stdout, stderr } = await limbeck(line.split(" "), { cwd });
  expect(stderr).toContain(`error ${message}`);
  expect([code, stdout]).toEqual([expected, ""]);
});
