/** @file `limbeck init`: a study from four answers, given as options or in a terminal. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { shellWords } from "../../src/shell-words.ts";
import { budgets, checkStudy, firstStudyText, targets } from "../../src/study/node/index.ts";
import { limbeck, main, node } from "./limbeck.ts";
import { writePhotos } from "./write-photos.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-init-"));
afterAll(() => rmSync(cwd, { recursive: true }));
beforeAll(() => writePhotos(join(cwd, "photos"), 6));

const init = (line: string) => limbeck(["init", ...line.split(" ")], { cwd });
const written = (file: string): unknown => parse(readFileSync(join(cwd, file), "utf8"));

test("options answer every question; the study that is written trains its teacher and students", async () => {
  const { code, stdout, stderr } = await init("./photos --teacher train --target tiny --budget look --out own.yaml");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    /^Written: own\.yaml\n\nNext:\n  # .*\n  .* study own\.yaml --dry-run\n  # .*\n  .* study own\.yaml\n$/,
  );
  const recipe = { epochs: 10, schedule: "cosine", augment: { resizedCrop: {}, flip: {} } };
  expect(written("own.yaml")).toEqual({
    data: "./photos",
    teachers: { train: { model: "wrn_16_2", recipe } },
    students: "resnet8",
    recipe,
    methods: ["kd"],
    seeds: 1,
  });
  const set = ["recipe.epochs=1", "teachers.train.model=resnet8", "teachers.train.recipe.epochs=1", "force=true"];
  const study = await limbeck(["study", "own.yaml", "--threads", "1", ...set.flatMap((each) => ["--set", each])], {
    cwd,
  });
  expect(study.code, study.stderr).toBe(0);
  expect(study.stdout).toMatch(/kd/);
});

test.each(Object.keys(targets).flatMap((target) => Object.keys(budgets).map((budget) => [target, budget] as const)))(
  "for %s and %s, every key is one of a study's, with a comment",
  (target, budget) => {
    const text = firstStudyText({ data: "cifar10", teacher: "big.onnx", target, budget }, "study.yaml");
    expect(checkStudy(parse(text), {}, { what: "it" })).toMatchObject({ data: "cifar10", teachers: "big.onnx" });
    const lines = text.split("\n");
    lines.forEach((line, i) => {
      if (/^\w+:/.test(line)) expect(lines[i - 1], line).toMatch(/^# /);
    });
  },
);

test("wrong answers are errors, and a file that is there stays", async () => {
  writeFileSync(join(cwd, "kept.yaml"), "mine");
  const refused = async (line: string, error: RegExp, exit = 1) => {
    const { code, stderr } = await init(line);
    expect(stderr).toMatch(error);
    expect(code).toBe(exit);
  };
  await refused("--yes --out kept.yaml", /^error OUTPUT: kept\.yaml is there already/);
  expect(readFileSync(join(cwd, "kept.yaml"), "utf8")).toBe("mine");
  await refused("./nowhere --yes --out new.yaml", /^error ARGUMENT: There is nothing at \.\/nowhere/, 2);
  await refused("--teacher no.onnx --yes --out new.yaml", /^error ARGUMENT: There is nothing at no\.onnx/, 2);
  await refused("--yes --target pge --out new.yaml", /^error UNKNOWN_NAME: unknown target "pge"; did you mean page/, 2);
  await refused("--yes --out new.json", /^error ARGUMENT: --out new\.json/, 2);
  await refused(
    "--target page --out new.yaml",
    /^error ARGUMENT: init asks in a terminal only; give the data, --teacher, --budget, or --yes/,
    2,
  );
  await refused("--yes --out no/folder.yaml", /^error OUTPUT: no\/folder\.yaml cannot be written/);
  expect(existsSync(join(cwd, "new.yaml"))).toBe(false);
  expect((await init("--yes --out kept.yaml --overwrite")).code).toBe(0);
  expect(written("kept.yaml")).toMatchObject({ data: "./photos", students: "resnet20" });
});

describe.skipIf(spawnSync("script", ["--version"]).error)("in a terminal (skipped without script)", () => {
  /** Types each of the keys when its question is there. */
  function answer(file: string, keys: readonly (readonly [question: string, key: string])[]) {
    const line = `stty cols 80 rows 24; exec ${shellWords([node, main, "init", "--out", file])}`;
    const child = spawn("script", ["-qec", line, "/dev/null"], { cwd });
    let shown = "";
    const left = [...keys];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += stripVTControlCharacters(text);
      const [next] = left;
      if (next === undefined || !shown.includes(next[0])) return;
      left.shift();
      shown = "";
      child.stdin.write(next[1]);
    });
    return new Promise<number | null>((settle) => child.on("close", settle));
  }

  test("four questions; a wrong answer is asked for again", async () => {
    const code = await answer("asked.yaml", [
      ["Where are your pictures?", "shapes\r"],
      ["Which teacher?", "no.onnx\r"],
      ["There is nothing at no.onnx", "\u0015photos\r"],
      ["Where will the student run?", "\u001b[B\r"],
      ["How thorough", "\r"],
    ]);
    expect(code).toBe(0);
    expect(written("asked.yaml")).toMatchObject({ teachers: "photos", students: "MobileNetV2", seeds: 1 });
  });

  test("Ctrl-C ends with 130 and writes nothing", async () => {
    expect(await answer("stopped.yaml", [["Where are your pictures?", "\u0003"]])).toBe(130);
    expect(existsSync(join(cwd, "stopped.yaml"))).toBe(false);
  });
});
