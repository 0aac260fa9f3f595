import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagePng } from "../../src/data/png.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { RunRecord } from "../../src/experiment/record.ts";
import { limbeck, main, node } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-predict-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const fast = ["--engine", "reference"];
const { test: images, classes, shape } = shapes({ train: 1, test: 16 });

beforeAll(async () => {
  const args = ["train", ...fast, "--limit", "16", "--batch-size", "8", "--epochs", "1", "--out", "run"];
  const { code, stderr } = await limbeck(args, { cwd });
  expect(code, stderr).toBe(0);
  mkdirSync(join(cwd, "more/deep"), { recursive: true });
  for (let i = 0; i < 16; i++) {
    writeFileSync(join(cwd, "more", i < 8 ? "" : "deep", `${i < 10 ? "0" : ""}${i}.png`), imagePng(images, shape, i));
  }
  writeFileSync(join(cwd, "more/notes.txt"), "no picture");
  copyFileSync(join(cwd, "more/00.png"), join(cwd, "first, of all.png"));
}, 60_000);

interface Printed {
  readonly weights: string;
  readonly classes: number;
  readonly pictures: readonly {
    readonly path: string;
    readonly classes?: readonly { readonly name: string; readonly probability: number }[];
    readonly error?: { readonly code: string; readonly message: string };
  }[];
}

const predictions = (): readonly number[] =>
  (JSON.parse(readFileSync(join(cwd, "run/model/run.json"), "utf8")) as RunRecord).test.predictions;

test("the pictures of a folder are classified as the test images were that they are", async () => {
  const { code, stdout, stderr } = await limbeck(["predict", "run", "more", ...fast, "--json", "--top", "10"], { cwd });
  expect(code, stderr).toBe(0);
  const { weights, classes: count, pictures } = JSON.parse(stdout) as Printed;
  expect([weights, count]).toEqual(["run/model/model.safetensors", 10]);
  expect(pictures.map(({ path }) => path.split("/").at(-1))).toEqual(
    Array.from({ length: 16 }, (_, i) => `${String(i).padStart(2, "0")}.png`),
  );
  expect(pictures.map((picture) => picture.classes![0]!.name)).toEqual(predictions().map((label) => classes[label]));
  for (const picture of pictures) {
    expect(picture.classes!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  }
});

test("as a table, three classes a picture unless told otherwise; a run's folder or a weights file", async () => {
  const { stdout } = await limbeck(["predict", "run/model", "more/00.png", "more/deep", ...fast], { cwd });
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(9);
  for (const line of lines) expect(line).toMatch(/^more\/(deep\/)?\d\d\.png +([a-z]+ +\d+\.\d\d% *){3}$/);
  expect(new Set(lines.map((line) => line.search(/\d+\.\d\d%/) + line.match(/\d+\.\d\d%/)![0].length)).size).toBe(1);
  const one = await limbeck(["predict", "run/model/model.safetensors", "more/00.png", ...fast, "--top", "1"], { cwd });
  expect(one.stdout).toMatch(/^more\/00\.png {2}[a-z]+ {2}\d+\.\d\d%\n$/);
});

test("as CSV, quoted where it has to be", async () => {
  const { stdout } = await limbeck(["predict", "run", "first, of all.png", ...fast, "--csv", "--top", "2"], { cwd });
  const [heading, line] = stdout.split("\r\n");
  expect(heading).toBe("path,class 1,probability 1,class 2,probability 2,error");
  expect(line).toMatch(/^"first, of all\.png",[a-z]+,0\.\d+,[a-z]+,[\d.e-]+,\n$/);
});

test("a name in two lines, or none in UTF-8, takes one line, and a folder that cannot be read takes no others' answers", async () => {
  mkdirSync(join(cwd, "odd names/\u001bc"), { recursive: true });
  copyFileSync(join(cwd, "more/00.png"), join(cwd, "odd names/\u001bc/two\nlines.png"));
  mkdirSync(Buffer.concat([Buffer.from(join(cwd, "odd names/")), Buffer.of(0xe9)]));
  const args = ["predict", "run", "odd names/\u001bc", "odd names", "more/01.png", ...fast, "--top", "1"];
  const { code, stdout, stderr } = await limbeck(args, { cwd });
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("  ")[0]),
  ).toEqual(["odd names/\uFFFDc/two\uFFFDlines.png", "more/01.png"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("its name is not in UTF-8; rename it")]);
});

test("a picture on stdin, of another size", async () => {
  const larger = await sharp(join(cwd, "more/00.png")).resize(64, 64, { kernel: "nearest" }).jpeg().toBuffer();
  const child = spawn(node, [main, "predict", "run", "-", ...fast, "--json"], { cwd });
  child.stdin.end(larger);
  let stdout = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  await new Promise((done) => child.on("close", done));
  expect((JSON.parse(stdout) as Printed).pictures).toMatchObject([{ path: "-", classes: [{}, {}, {}] }]);
});

describe.concurrent("what cannot be classified is named, the rest answered, and the exit code is 1", () => {
  beforeAll(() => {
    mkdirSync(join(cwd, "bad"), { recursive: true });
    mkdirSync(join(cwd, "none"), { recursive: true });
    writeFileSync(join(cwd, "bad/cut.png"), readFileSync(join(cwd, "more/00.png")).subarray(0, 100));
    writeFileSync(join(cwd, "bad/empty.jpg"), "");
    writeFileSync(join(cwd, "bad/text.gif"), "hello");
    copyFileSync(join(cwd, "more/01.png"), join(cwd, "bad/good.png"));
  });

  test("in a table: messages on stderr", async () => {
    const { code, stdout, stderr } = await limbeck(["predict", "run", "bad", "gone.png", "none", ...fast], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^bad\/good\.png .*\n$/);
    for (const name of ["bad/cut.png should", "bad/empty.jpg should", "bad/text.gif should"])
      expect(stderr).toContain(`error DATA_FORMAT: ${name}`);
    expect(stderr).toContain("error DATA_MISSING: gone.png does not exist");
    expect(stderr).toContain("error DATA_MISSING: none holds no pictures");
    expect(stderr).toContain("5 of 6 pictures could not be classified");
  });

  test("as JSON: one document, with their errors", async () => {
    const { code, stdout } = await limbeck(["predict", "run", "bad", ...fast, "--json"], { cwd });
    expect(code).toBe(1);
    const { pictures } = JSON.parse(stdout) as Printed;
    expect(pictures.map(({ path, error }) => [path, error?.code])).toEqual([
      ["bad/cut.png", "DATA_FORMAT"],
      ["bad/empty.jpg", "DATA_FORMAT"],
      ["bad/good.png", undefined],
      ["bad/text.gif", "DATA_FORMAT"],
    ]);
  });

  test("as CSV: in the last column", async () => {
    const { code, stdout } = await limbeck(["predict", "run", "bad/text.gif", ...fast, "--csv"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\r\nbad\/text\.gif,,,"?bad\/text\.gif should be a whole picture/);
  });
});

test.each([
  ["more more/00.png", 2, "ARGUMENT: more holds no run of Limbeck"],
  ["gone more/00.png", 1, "WEIGHTS: the weights file gone cannot be read"],
  ["more/00.png more/00.png", 1, "WEIGHTS: "],
  ["run more/00.png --csv --json", 2, "ARGUMENT: "],
  ["run", 2, "ARGUMENT: "],
  ["run more/00.png --top 0", 2, "ARGUMENT: "],
])("predict %s", async (line, expected, message) => {
  const { code, stdout, stderr } = await limbeck(["predict", ...line.split(" ")], { cwd });
  expect(stderr).toContain(`error ${message}`);
  expect(code).toBe(expected);
  expect(stdout === "" || stdout.startsWith('{"error"')).toBe(true);
});

test("of a tutorial's five runs none is meant, and an unfinished run has no model", async () => {
  mkdirSync(join(cwd, "five"));
  writeFileSync(join(cwd, "five/config.json"), JSON.stringify({ command: "tutorial" }));
  mkdirSync(join(cwd, "begun"));
  writeFileSync(join(cwd, "begun/config.json"), JSON.stringify({ command: "distill" }));
  const five = await limbeck(["predict", "five", "more"], { cwd });
  expect(five.stderr).toContain("give the folder of one of them, five/student-kd say");
  const begun = await limbeck(["predict", "begun", "more"], { cwd });
  expect(begun.stderr).toContain("go on with limbeck distill --resume begun");
});
