/** @file Every command that is printed runs as it stands, pasted into a shell, in folders whose names a shell would take apart. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDistill } from "../../src/cli/commands/distill.ts";
import { addTrain } from "../../src/cli/commands/train.ts";
import { addTutorial } from "../../src/cli/commands/tutorial.ts";
import type { Results, RunRecord } from "../../src/experiment/record.ts";
import { colourTeacher, teacherClasses } from "./colour-teacher.ts";
import { limbeck as run, type RunOptions } from "./limbeck.ts";
import { writePhotos } from "./write-photos.ts";

const root = mkdtempSync(join(tmpdir(), "limbeck-printed-"));
afterAll(() => rmSync(root, { recursive: true }));
const cwd = join(root, `it's "my" $HOME`);
const env = { LIMBECK_CACHE: join(root, "cache") };
const limbeck = (words: readonly string[], options: RunOptions = {}) => run(words, { cwd, env, ...options });
const json = (file: string): unknown => JSON.parse(readFileSync(join(cwd, file), "utf8"));

/** What a shell makes of a line. Rejects where that fails. */
async function pasted(line: string): Promise<string> {
  // Without what npx sets, which Limbeck would call itself by.
  const { npm_lifecycle_event: _, ...inherited } = process.env;
  const shell = { cwd, env: { ...inherited, LIMBECK_ENGINE: "wasm", ...env } };
  return (await promisify(execFile)("sh", ["-c", line], shell)).stdout;
}

/** The text of an element's content. */
function decoded(content: string): string {
  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  return content.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity as keyof typeof entities]);
}

/** The report's command that makes the run again. */
function makingCommand(folder: string): string {
  const page = readFileSync(join(cwd, folder, "report.html"), "utf8");
  return decoded(/<code id="command">([^<]*)<\/code>/.exec(page)![1]!);
}

/** The commands after "Next:". */
function nextCommands(stdout: string): string[] {
  const lines = stdout.slice(stdout.indexOf("\nNext:\n") + 7).split("\n");
  return lines.filter((line) => /^ {2}[^ #]/.test(line)).map((line) => line.trim());
}

const examples = fileURLToPath(new URL("../../examples/modules", import.meta.url));
const photos = "two words";
const tiny = "--limit 16 --batch-size 8 --threads 1 --epochs 1 --no-latency";
const teacher = "runs/my teacher/model/model.safetensors";

/** One word each; a word in `{}` may hold spaces. */
function words(line: string): string[] {
  return [...line.matchAll(/\{([^}]*)\}|\S+/g)].map(([word, braced]) => braced ?? word);
}

beforeAll(async () => {
  mkdirSync(cwd);
  await writePhotos(join(cwd, photos), 12);
  cpSync(examples, join(cwd, "own code"), { recursive: true });
  writeFileSync(join(cwd, "colour.onnx"), colourTeacher());
  writeFileSync(join(cwd, "nameless.onnx"), colourTeacher({ metadata: {} }));
  writeFileSync(join(cwd, "names.json"), JSON.stringify(teacherClasses));
  writeFileSync(join(cwd, "some names.json"), JSON.stringify({ 0: "sea", 1: "apple", 3: "leaf" }));
  writeFileSync(join(cwd, "settings.json"), JSON.stringify({ options: { temperature: 3 } }));
  const trained = await limbeck(words(`train --model DeepNN ${tiny} --out {runs/my teacher}`));
  expect(trained.code, trained.stderr).toBe(0);
  const wide = await limbeck(words(`train --model airbench94 --model-option widths=8,8,8 ${tiny} --out runs/wide`));
  expect(wide.code, wide.stderr).toBe(0);
});

const ofOnnx =
  "--teacher-option inputShape=3,20,20 --teacher-option resize=20 --teacher-option interpolation=bilinear --teacher-option range=1 " +
  "--teacher-option mean=0.3,0.3,0.3 --teacher-option std=0.25,0.25,0.25";

/** By what is special in each. */
const runs = {
  "an optimiser, a schedule, groups of parameters, augmentation, validation":
    `train ${tiny} --epochs 1.5 --recipe benchmark --model resnet8 --seed 7 --dropout 0.2 --optimiser sgd --learning-rate 0.02 --momentum 0.8 ` +
    "--weight-decay 1e-4 --nesterov --optimiser-option dampening=0 --learning-rate-for *bn*=2x --weight-decay-for conv*=0 --decay-on weights " +
    "--freeze conv1.*=1 --schedule step --milestones 1 --schedule-option gamma=0.5 --warm-up 0.5 --clip 1 --lookahead 1 " +
    "--augment crop,flip --augment-option crop.padding=2 --validation 25% --keep best --train-accuracy --tta flip --balance weights --accumulate 2 --drop-last --extendable --tensorboard " +
    "--method ls --option smoothing=0.2 --no-test --engine wasm",
  "what a recipe has taken back, options of a model, int8":
    `train ${tiny} --recipe airbench94 --epochs 2 --model-option widths=8,8,8 --model-option head=mean --model-option activation=relu --no-drop-last --freeze none ` +
    "--learning-rate-for none --augment none --lookahead 0 --label-smoothing 0.1 --quantize int8 --quantize-epochs 1 --quantize-for onnx",
  pictures:
    `train {${photos}} ${tiny} --model resnet8 --size 8 --channels 1 --test 30% --skip-broken --no-exif --mean 0.5 --std 0.25 --method tfkd ` +
    "--preset cifar",
  modules: `train {own code/bars.ts} ${tiny} --model {own code/net.ts} --force`,
  "weights to start from": `train ${tiny} --model DeepNN --weights {${teacher}} --ema 0.9`,
  "a file of settings": `distill ${tiny} --config settings.json --teacher {${teacher}} --force --augment colourJitter --teacher-views image --teacher-memory 64`,
  "several teachers, assistants, a method of a module":
    `distill ${tiny} --teacher {${teacher}} --teacher {${teacher}} --teacher-model DeepNN --teacher-weight 2 --teacher-weight 1 --force ` +
    "--assistants LightNN,resnet8 --student resnet8 --method {kd+./own code/loss.ts} --option kd.temperature=3",
  "pairs of places, options of a student and of a teacher":
    `distill ${tiny} --teacher runs/wide/model/model.safetensors --teacher-model airbench94 --teacher-model-option widths=8,8,8 --force ` +
    "--student airbench94 --student-option widths=4,4,4 --method at --preset cifar --pair 2.norm2=2.norm2",
  "several methods": `distill ${tiny} --teacher runs/wide/model/model.safetensors --force --student resnet8 --method kd+at --option at.attentionWeight=10 --option temperature=5`,
  "several methods and seeds, each a student of its own": `distill ${tiny} --teacher runs/wide/model/model.safetensors --force --student resnet8 --methods kd,dist --option kd.temperature=5 --seeds 1,2 --no-baseline`,
  "an ONNX file, its classes as a list, pictures without labels": `distill {${photos}} ${tiny} --size 8 --student resnet8 --unlabelled --teacher nameless.onnx --teacher-labels names.json ${ofOnnx}`,
  "an ONNX file, its classes by the data set's": `distill {${photos}} ${tiny} --size 8 --student resnet8 --teacher nameless.onnx --teacher-labels {some names.json} ${ofOnnx}`,
  "a tutorial": `tutorial ${tiny} --teacher {${teacher}} --force`,
} as const;

/** Those whose suggestions are run too; others have the same. */
const suggests: ReadonlySet<string> = new Set<keyof typeof runs>([
  "modules",
  "an ONNX file, its classes as a list, pictures without labels",
  "a tutorial",
]);

const configOf = (folder: string): object => {
  const { threads: _, ...config } = json(`${folder}/config.json`) as Record<string, unknown>;
  return config;
};

const lossesOf = (folder: string): readonly (readonly number[])[] =>
  (json(`${folder}/results.json`) as Results).runs.map(({ epochLosses }) => epochLosses);

describe.skipIf(process.platform === "win32")("pasted into a shell", () => {
  test.each(Object.entries(runs))(
    "the report's command makes the same run again: %s",
    async (name, line) => {
      const folder = `runs/${name}`;
      const { code, stdout, stderr } = await limbeck([...words(line), "--out", folder]);
      expect(code, stderr).toBe(0);
      await pasted(`${makingCommand(folder)} --threads 1 --out runs/again-${Object.keys(runs).indexOf(name)}`);
      const again = `runs/again-${Object.keys(runs).indexOf(name)}`;
      expect(configOf(again)).toEqual(configOf(folder));
      expect(lossesOf(again)).toEqual(lossesOf(folder));
      if (suggests.has(name)) for (const next of nextCommands(stdout)) await pasted(next);
    },
    120_000,
  );

  test("every option of the commands that train is in one of these, but for what an experiment is not made of", () => {
    const program = new Command();
    for (const [name, add] of Object.entries({ train: addTrain, distill: addDistill, tutorial: addTutorial }))
      add(program.command(name));
    const given = new Set(Object.values(runs).flatMap(words));
    // Where an experiment lies and what is printed is no part of it; two are paths as --weights is.
    const others = new Set(["--out", "--resume", "--json", "--csv", "--list-images", "--data-dir", "--teacher-logits"]);
    for (const command of program.commands) {
      // Those that are hidden say what to give instead.
      const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long!);
      expect([command.name(), options.filter((long) => !given.has(long) && !others.has(long))]).toEqual([
        command.name(),
        [],
      ]);
    }
  });

  test("what is suggested after a training runs: a student that is smaller, and the same with three seeds by every setting", async () => {
    const settings =
      "--optimiser sgd --learning-rate 0.02 --momentum 0.9 --augment flip --seed 7 --batch-size 4 --epochs 8 --threads 1";
    const trained = await limbeck(
      words(`train {${photos}} --model resnet8 --size 8 ${settings} --out {runs/it's good}`),
    );
    expect(trained.code, trained.stderr).toBe(0);
    const [distill, evaluate, ...more] = nextCommands(trained.stdout);
    expect(more).toEqual([]);
    expect(await pasted(evaluate!)).toContain("of 6 test images are right");
    const [again, overSeeds] = nextCommands(await pasted(`${distill} --out runs/next-student`));
    expect(await pasted(again!)).toContain("of 6 test images are right");
    await pasted(`${overSeeds} --out runs/next-seeds`);
    const parametersOf = (run: string): number => (json(`runs/${run}/run.json`) as RunRecord).parameters;
    expect(parametersOf("next-student/student")).toBeLessThan(parametersOf("it's good/model") / 2);
    const seeds = (json("runs/next-seeds/results.json") as Results).runs.map(({ method, seed }) => [method, seed]);
    expect(seeds).toEqual([
      ["ce", 7],
      ...[7, 8, 9].flatMap((seed) => [
        ["ce", seed],
        ["kd", seed],
      ]),
    ]);
    const { seeds: _, ...others } = configOf("runs/next-seeds") as Record<string, unknown>;
    expect(others).toEqual(configOf("runs/next-student"));
    const lossesOfStudents = lossesOf("runs/next-seeds").slice(1, 3);
    expect(lossesOfStudents).toEqual(lossesOf("runs/next-student").slice(1));
  }, 180_000);

  test("what ends where guessing does is suggested as nobody's teacher", async () => {
    const { code, stdout, stderr } = await limbeck(words(`train ${tiny} --learning-rate 100 --out runs/lost`));
    expect(code, stderr).toBe(0);
    expect(nextCommands(stdout)).toEqual([
      expect.stringMatching(/ evaluate runs\/lost\/model\/model\.safetensors --limit 16$/),
    ]);
  });

  test("an interrupted run says how it is resumed", async () => {
    const { code, stderr } = await limbeck(
      words("train --limit 16 --batch-size 8 --engine reference --epochs 3 --out {runs/stopped; for now}"),
      {
        onStderr: (text, child) => void (!child.killed && text.includes("epoch 1/3") && child.kill("SIGINT")),
      },
    );
    expect(code).toBe(130);
    const [, resume] = /To resume:\n {2}(.*)\n/.exec(stderr)!;
    await pasted(resume!);
    expect(lossesOf("runs/stopped; for now")[0]).toHaveLength(3);
  }, 180_000);
});
