import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { engineRequests } from "../../src/engine/engines.ts";
import { commandSettings } from "../../src/experiment/config.ts";
import { flagName, type Setting } from "../../src/experiment/settings/setting.ts";
import { limbeck } from "./limbeck.ts";

const folder = mkdtempSync(join(tmpdir(), "limbeck-usage-"));
const cwd = join(folder, "untouched");
mkdirSync(cwd);
afterAll(() => rmSync(folder, { recursive: true }));

/** The options that a help lists. */
function flagsIn(help: string): readonly string[] {
  return [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag!);
}

describe.concurrent("help", () => {
  test("limbeck alone says what to do first, and where the rest is", async () => {
    const { code, stdout, stderr } = await limbeck([]);
    for (const start of ["tutorial", "distill ./photos --teacher", "export runs/", "--help"])
      expect(stdout).toContain(` ${start}`);
    expect(stdout.split("\n").length).toBeLessThan(15);
    expect([code, stderr]).toEqual([0, ""]);
  });

  test.each([[["--help"]], [["help"]]])("limbeck %j names every command and the exit codes", async (args) => {
    const { code, stdout, stderr } = await limbeck(args);
    for (const name of ["tutorial", "train", "distill", "show", "evaluate", "list", "doctor"])
      expect(stdout).toMatch(`  ${name} `);
    expect(stdout).toContain("130 interrupted");
    expect([code, stderr]).toEqual([0, ""]);
  });

  test.each(["tutorial", "train", "distill", "show", "evaluate", "list", "doctor"])(
    "limbeck %s --help has examples",
    async (command) => {
      const { code, stdout } = await limbeck([command, "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain(`Examples:\n  limbeck ${command}`);
    },
  );

  test.each(["tutorial", "train", "distill", "evaluate"])(
    "limbeck %s --help all names every engine",
    async (command) => {
      const { stdout } = await limbeck([command, "--help", "all"]);
      const [, named] = /--engine <name> engine: ([^(]+) \(/.exec(stdout.replaceAll(/\s+/g, " ")) ?? [];
      expect(named?.split(/, | or /)).toEqual(Object.keys(engineRequests));
    },
  );

  test.each(["tutorial", "train", "distill", "evaluate"] as const)(
    "limbeck %s --help fits 40 lines of 80 columns, and says where the rest is",
    async (command) => {
      const { stdout } = await limbeck([command, "--help"]);
      const lines = stdout.trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(40);
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      const [, more] = new RegExp(`^(\\d+) more options: limbeck help ${command} --all$`).exec(lines.at(-1)!) ?? [];
      const { stdout: all } = await limbeck(["help", command, "--all"]);
      expect(flagsIn(all)).toHaveLength(flagsIn(stdout).length + Number(more));
      const flags = Object.values<Setting>(commandSettings[command]).flatMap((setting) => setting.flags.map(flagName));
      expect(flagsIn(all)).toEqual(expect.arrayContaining(flags));
    },
  );

  test("--version prints a version", async () => {
    expect((await limbeck(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe.concurrent("wrong usage ends with 2 and one message, before any work", () => {
  test.each([
    ["tutorail", "unknown command 'tutorail' (Did you mean tutorial?)"],
    ["help trian", 'unknown command "trian"; did you mean train?'],
    ["train --lr 0.1", "unknown option '--lr'; --help lists what there is"],
    ["tutorial --epohcs 3", "unknown option '--epohcs' (Did you mean --epochs?)"],
    ["train --data cifar10", "unknown option '--data'; the data set is an argument: limbeck train cifar10"],
    ["evaluate x --dataset", "unknown option '--dataset'; the data set is an argument: limbeck evaluate cifar10"],
    ["predict x y --data z", "unknown option '--data'; --help lists what there is"],
    ["list metods", 'unknown kind "metods"; did you mean methods?'],
    ["list methods kdd", 'unknown method "kdd"; did you mean kd?'],
    ["distill --teacher x --method kd+dst", 'unknown method "dst"; did you mean dist?'],
    ["distill --teacher x --assistants resnet8,resnet2", 'unknown model "resnet2"; did you mean resnet'],
    ["tutorial cifr10", 'unknown data set "cifr10"; did you mean cifar10?'],
    ["train --model lightnn", 'unknown model "lightnn"; did you mean LightNN?'],
    ["distill --teacher x --teacher-model DepNN", 'unknown model "DepNN"; did you mean DeepNN?'],
    ["distill --teacher x --preset cifr", 'unknown preset of method kd "cifr"; did you mean cifar? Known: tutorial, '],
    ["train --method tfkd --preset imagenet", 'unknown preset of method tfkd "imagenet". Known: cifar'],
    ["distill --teacher x --method cosin", 'unknown method "cosin"; did you mean cosine?'],
    ["train --recipe benchmrk", 'unknown recipe "benchmrk"; did you mean benchmark?'],
    ["train --optimiser adamww", 'unknown optimiser "adamww"; did you mean adamw?'],
    ["train --schedule cosin", 'unknown schedule "cosin"; did you mean cosine?'],
    ["train --augment crop,flp", 'unknown augmentation "flp"; did you mean flip?'],
    ["train --engine gpu", `unknown engine "gpu". Known: ${Object.keys(engineRequests).join(", ")}`],
    ["evaluate x --engine referense", 'unknown engine "referense"; did you mean reference?'],
    ["evaluate x shape", 'unknown data set "shape"; did you mean shapes?'],
  ])("limbeck %s", async (line, message) => {
    const { code, stdout, stderr } = await limbeck(line.split(" "), { cwd });
    expect(stderr).toBe(`error UNKNOWN_NAME: ${stderr.slice("error UNKNOWN_NAME: ".length)}`);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([
    ["tutorial --epochs 0", "number above 0"],
    ["tutorial --epochs two", "number above 0"],
    ["train --weight-decay-for bias", "PATTERN=NUMBER"],
    ["tutorial --limit -5", "whole number from 1"],
    ["tutorial --dropout 1", "from 0 to below 1"],
    ["tutorial --dropout -0.1", "from 0 to below 1"],
    ["tutorial --dropout NaN", "from 0 to below 1"],
    ["tutorial --threads 0", "from 1 to 256"],
    ["tutorial --seed -1", "whole number from 0"],
    ["tutorial --seed 99999999999999999999", "whole number from 0"],
    ["train --learning-rate 0", "number above 0"],
    ["train --learning-rate Infinity", "number above 0"],
    ["train --batch-size x", "whole number from 1"],
    ["train --milestones 3,x", "whole numbers from 1 with commas"],
    ["train --momentum 1", "from 0 to below 1"],
    ["train --clip 0", "number above 0"],
    ["train --keep first", "Allowed choices are best, last"],
    ["train shapes extra", "too many arguments"],
    ["train --seed", "argument missing"],
    ["evaluate", "missing required argument 'run'"],
    ["distill", "distill needs a teacher"],
    ["distill --teacher x --option temperature", "name=value"],
    ["distill --teacher x --option temperatur=2", "temperatur"],
    ["distill --teacher x --option temperature=-1", "temperature"],
    ["distill --teacher x --method kd+dist --option temperature=2", "kd.temperature or dist.temperature"],
    ["distill --teacher x --method at --pair layer2", "TEACHER=STUDENT"],
    ["distill --teacher x --method at --pair =layer2", "TEACHER=STUDENT"],
    ["distill --teacher x --method kd --pair layer2=features.4", "pairs"],
    ["train --method kd", "limbeck distill --method kd"],
    ["tutorial --resume nowhere --epochs 3 --learning-rate 0.1", "leave out --learning-rate"],
  ])("limbeck %s", async (line, message) => {
    const { code, stdout, stderr } = await limbeck(line.split(" "), { cwd });
    expect(stderr).toMatch(/^error ARGUMENT: /);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, ""]);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe.concurrent("a configuration that breaks the schema ends with 2 and every problem's path", () => {
  test.each([
    ["train --limit 8 --keep best", "keep: the best epoch is chosen on validation images"],
    ["train --limit 8 --optimiser sgd --optimiser-option momentun=0.9", "optimiserOptions: "],
    ["train --limit 8 --schedule step --schedule-option milestones=3", "scheduleOptions.milestones: "],
    ["train --limit 8 --augment-option crop.pading=3", "augment.crop: "],
    ["train --limit 8 --epochs 2 --warm-up 2", "warmUp: should be less than the 2 epochs"],
    ["train --config nowhere.json", "nowhere.json should hold settings as JSON"],
  ])("limbeck %s", async (line, message) => {
    const used = mkdtempSync(join(folder, "used-"));
    const { code, stderr } = await limbeck(line.split(" "), { cwd: used });
    expect(stderr).toMatch(/^error CONFIG: /);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(readdirSync(used, { recursive: true }).filter((name) => name !== "runs")).toEqual([]);
  });
});

describe.concurrent("failures end with 1, and leave no folder behind", () => {
  test.each([
    ["evaluate nowhere.safetensors", /^error WEIGHTS: .*nowhere\.safetensors/],
    ["tutorial --teacher nowhere.safetensors --limit 8", /^error WEIGHTS: .*nowhere\.safetensors/],
    ["tutorial cifar10 --data-dir nowhere", /^error DATA_MISSING: .*nowhere/],
    ["tutorial --resume nowhere", /^error OUTPUT: nowhere holds no run/],
    ["train --limit 8 --out /dev/null/x", /^error OUTPUT: /],
  ])("limbeck %s", async (line, message) => {
    const used = mkdtempSync(join(folder, "used-"));
    const { code, stdout, stderr } = await limbeck(line.split(" "), { cwd: used });
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(used, { recursive: true }).filter((name) => name !== "runs")).toEqual([]);
  });

  test("LIMBECK_DEBUG=1 adds the stack", async () => {
    const { stderr } = await limbeck(["evaluate", "nowhere"], { cwd, env: { LIMBECK_DEBUG: "1" } });
    expect(stderr).toMatch(/\n\s+at /);
  });
});

describe.concurrent("--json", () => {
  test("a failure is JSON on stdout beside the message on stderr", async () => {
    const { code, stdout, stderr } = await limbeck(["train", "--model", "nope", "--json"], { cwd });
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe("UNKNOWN_NAME");
    expect(stderr).toBe(`error UNKNOWN_NAME: ${error.message}\n`);
    expect(code).toBe(2);
  });

  test("list prints every table as JSON alone", async () => {
    const { code, stdout, stderr } = await limbeck(["list", "--json"]);
    const tables = JSON.parse(stdout) as Record<string, { name: string; cost?: object }[]>;
    expect(Object.keys(tables)).toEqual([
      "models",
      "methods",
      "datasets",
      "settings",
      "optimisers",
      "schedules",
      "recipes",
      "engines",
      "formats",
    ]);
    expect(tables["engines"]!.map(({ name }) => name)).toEqual(Object.keys(engineRequests));
    const { cost } = tables["models"]!.find(({ name }) => name === "LightNN")!;
    expect(cost).toEqual({ classes: 10, parameters: 267_738, multiplyAdds: 1_296_896, fileBytes: expect.any(Number) });
    expect(tables["methods"]!.map(({ name }) => name)).toContain("kd");
    expect([code, stderr]).toEqual([0, ""]);
  });
});

test("list models says what each costs", async () => {
  const { stdout } = await limbeck(["list", "models"]);
  expect(stdout).toMatch(/^ +parameters +multiply-adds +file +with 10 classes/m);
  expect(stdout).toMatch(/^ +LightNN +0\.268 M +1\.3 M +1\.07 MB +the tutorial's student/m);
  const { stdout: one } = await limbeck(["list", "models", "LightNN"]);
  expect(one).toContain("0.268 M parameters, 1.3 M multiply-adds of one image, a file of 1.07 MB; with 10 classes");
  expect(stdout).toMatch(/^ +ResNet50 +23\.5 M +1,300 M +94\.\d MB +/m);
});

test("one method is listed with its paper, its needs and every option", async () => {
  const { stdout } = await limbeck(["list", "methods", "dkd"]);
  expect(stdout).toMatch(/^dkd {2}Decoupled distillation\n.*\n.*arxiv\.org\/abs\/2203\.08679\n {2}Needs a teacher\.\n/);
  for (const option of ["temperature=4", "nonTargetWeight=8", "standardise=false", "ceWeight=1"]) {
    expect(stdout).toContain(`\n  ${option} `);
  }
  const { stdout: json } = await limbeck(["list", "methods", "dkd", "--json"]);
  expect(JSON.parse(json)).toMatchObject({
    name: "dkd",
    options: { temperature: { value: 4, allowed: { type: "number", exclusiveMinimum: 0 } } },
  });
  expect(stdout).toMatch(
    /^presets\n {2}cifar \(default\) {2}temperature=4 .*\n +megvii-research\/mdistiller, configs/m,
  );
  expect(stdout).toMatch(/^ {2}imagenet +temperature=1 nonTargetWeight=0\.5 rampEpochs=1 /m);
  expect(JSON.parse(json)).toMatchObject({ presets: { imagenet: { options: { temperature: 1, targetWeight: 1 } } } });
});

test("colours only where they are shown", async () => {
  const escape = String.fromCodePoint(27);
  expect((await limbeck(["list", "models"])).stdout).not.toContain(escape);
  expect((await limbeck(["list", "models"], { env: { FORCE_COLOR: "1" } })).stdout).toContain(escape);
});
