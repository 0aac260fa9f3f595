import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Results, RunRecord } from "../../src/experiment/record.ts";
import { readWeightsFile } from "../../src/entries/node.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/index.ts";
import { limbeck } from "./limbeck.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-runs-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const size = ["--limit", "16", "--batch-size", "8"];
const small = ["--threads", "1", ...size];
/** Slow enough to be stopped amid a run. */
const slow = ["--engine", "reference", ...size];
const json = (file: string): unknown => JSON.parse(readFileSync(join(cwd, file), "utf8"));

test("train writes its folder, prints the table and what to try next, and evaluate finds the same accuracy", async () => {
  const trained = await limbeck(["train", ...small, "--epochs", "2", "--out", "plain"], { cwd });
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stdout).toMatch(
    /^\nRun +Test accuracy +95 % interval +Parameters +.*\nLightNN alone +\d+\.\d\d% +\S+ to \S+% +267,738 /,
  );
  expect(trained.stdout).toContain("Report: plain/report.html");
  expect(trained.stdout).toContain("evaluate plain/model/model.safetensors --limit 16");
  expect(trained.stderr).toContain("[1/1] LightNN alone  epoch 2/2  loss ");
  const results = json("plain/results.json") as Results;
  expect(results.runs.map(({ name }) => name)).toEqual(["model"]);
  expect(readFileSync(join(cwd, "plain/report.html"), "utf8")).toContain(" train shapes --limit 16 ");

  const evaluated = await limbeck(["evaluate", "plain/model/model.safetensors", ...small, "--json"], { cwd });
  const { accuracy, classes } = JSON.parse(evaluated.stdout) as { accuracy: number; classes: string[] };
  expect(accuracy).toBe(results.runs[0]!.testAccuracy);
  expect(classes).toHaveLength(10);
});

test("evaluate reads a run's data set from the folder that the run had it from", async () => {
  const layout = join(cwd, "data/cifar-10-batches-bin");
  mkdirSync(layout, { recursive: true });
  const classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
  writeFileSync(join(layout, "batches.meta.txt"), classes.join("\n"));
  for (const [file, name] of [1, 2, 3, 4, 5, "test"].entries()) {
    const bytes = Buffer.alloc(10_000 * 3073, 17 * file + 5);
    for (let i = 0; i < 10_000; i++) bytes[i * 3073] = (i + file) % 10;
    writeFileSync(join(layout, name === "test" ? "test_batch.bin" : `data_batch_${name}.bin`), bytes);
  }
  const env = { LIMBECK_CACHE: join(cwd, "empty-cache") };
  const train = ["train", "cifar10", "--data-dir", "data", ...small, "--epochs", "1", "--out", "own-folder"];
  const trained = await limbeck(train, { cwd, env });
  expect(trained.code, trained.stderr).toBe(0);
  const { code, stdout, stderr } = await limbeck(["evaluate", "own-folder", "--limit", "16", "--json"], { cwd, env });
  expect(code, stderr).toBe(0);
  const { runs } = json("own-folder/results.json") as Results;
  expect(JSON.parse(stdout)).toMatchObject({ count: 16, accuracy: runs[0]!.testAccuracy });
  rmSync(layout, { recursive: true });
  const gone = await limbeck(["evaluate", "own-folder"], { cwd, env });
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringMatching(/^error DATA_MISSING: .*\/data/m)]);
}, 120_000);

test("a run's folder stands for its weights: as a teacher, as a start, in the library", async () => {
  const one = [...small, "--epochs", "1"];
  const made = await limbeck(["train", ...one, "--model", "DeepNN", "--out", "folder-teacher"], { cwd });
  expect(made.code, made.stderr).toBe(0);
  const weights = "folder-teacher/model/model.safetensors";
  const ways = [
    ["distill --teacher", "folder-teacher", "student"],
    ["train --model DeepNN --weights", "folder-teacher/model", "model"],
  ] as const;
  for (const [i, [line, folder, last]] of ways.entries()) {
    const [byFolder, byFile] = await Promise.all(
      [folder, weights].map(async (file, way) => {
        const out = `by-folder-${i}-${way}`;
        const { code, stderr } = await limbeck([...line.split(" "), file, ...one, "--out", out], { cwd });
        expect(code, stderr).toBe(0);
        return readFileSync(join(cwd, out, last, "model.safetensors"));
      }),
    );
    expect(byFolder).toEqual(byFile);
  }
  const tutorial = await limbeck(["tutorial", "--teacher", "folder-teacher", ...one, "--out", "by-folder"], { cwd });
  expect(tutorial.code, tutorial.stderr).toBe(0);
  const read = await readWeightsFile(join(cwd, "folder-teacher"));
  expect(read).toEqual({ source: join(cwd, weights), bytes: new Uint8Array(readFileSync(join(cwd, weights))) });
  const none = await limbeck(["distill", ...one, "--teacher", ".", "--out", "refused"], { cwd });
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/^error ARGUMENT: .* holds no run of Limbeck/m)]);
  const several = await limbeck(["distill", ...one, "--teacher", "by-folder", "--out", "refused"], { cwd });
  expect(several.stderr).toMatch(/^error ARGUMENT: .* holds the runs of limbeck tutorial; give the folder of one/m);
}, 180_000);

test("a student with its teacher's classifier is evaluated as it was trained, and only so", async () => {
  const tiny = ["--limit", "8", "--batch-size", "4"];
  const teach = [
    "--teacher",
    "reused-teacher/model/model.safetensors",
    "--teacher-model",
    "resnet14",
    "--student",
    "resnet8",
  ];
  const trained = await limbeck(["train", ...tiny, "--epochs", "1", "--model", "resnet14", "--out", "reused-teacher"], {
    cwd,
  });
  expect(trained.code, trained.stderr).toBe(0);
  const taught = await limbeck(
    ["distill", ...tiny, ...teach, "--epochs", "1", "--method", "simkd", "--out", "reused-student"],
    { cwd },
  );
  expect(taught.code, taught.stderr).toBe(0);
  expect(taught.stdout).toMatch(/ evaluate reused-student\/student\/model\.safetensors /);
  const weights = "reused-student/student/model.safetensors";
  const evaluated = await limbeck(
    ["evaluate", weights, ...tiny, "--model", "resnet8", "--method", "simkd", "--teacher-model", "resnet14", "--json"],
    { cwd },
  );
  expect(evaluated.code, evaluated.stderr).toBe(0);
  const results = json("reused-student/results.json") as Results;
  expect((JSON.parse(evaluated.stdout) as { accuracy: number }).accuracy).toBe(results.runs.at(-1)!.testAccuracy);
  const unsaid = await limbeck(["evaluate", weights, ...tiny, "--json"], { cwd });
  expect(unsaid.stdout, unsaid.stderr).toBe(evaluated.stdout);
  for (const wrong of [
    ["--model", "resnet14"],
    ["--teacher-model", "resnet20"],
  ]) {
    const refused = await limbeck(["evaluate", weights, ...tiny, ...wrong], { cwd });
    expect(refused.stderr).toMatch(/^error ARGUMENT: reused-student\/student\/model\.safetensors says that /);
  }

  // A file that says nothing of itself, as others write them.
  const { tensors } = readSafetensors(readFileSync(join(cwd, weights)));
  writeFileSync(join(cwd, "bare.safetensors"), writeSafetensors(tensors));
  const bare = ["evaluate", "bare.safetensors", ...tiny, "--model", "resnet8"];
  const without = await limbeck([...bare, "--method", "simkd"], { cwd });
  expect(without.stderr).toMatch(/^error ARGUMENT: method simkd.*--teacher-model/);
  const asPlain = await limbeck(bare, { cwd });
  expect(asPlain.stderr).toMatch(/^error WEIGHTS: [^]*missing: conv1.weight/);
  const named = await limbeck([...bare, "--method", "simkd", "--teacher-model", "resnet14", "--json"], { cwd });
  expect(named.stdout, named.stderr).toBe(evaluated.stdout);
});

test("a teacher's file says which network it holds, and what contradicts it is refused", async () => {
  const one = ["--epochs", "1", "--limit", "8", "--batch-size", "4"];
  const teacher = await limbeck(["train", ...one, "--model", "resnet8", "--out", "says"], { cwd });
  expect(teacher.code, teacher.stderr).toBe(0);
  const file = "says/model/model.safetensors";
  const taught = await limbeck(["distill", ...one, "--teacher", file, "--out", "says-taught"], { cwd });
  expect(taught.code, taught.stderr).toBe(0);
  expect(json("says-taught/teacher/run.json")).toMatchObject({ model: "resnet8" });
  const wrong = await limbeck(
    ["distill", ...one, "--teacher", file, "--teacher-model", "resnet14", "--out", "says-wrong"],
    { cwd },
  );
  expect(wrong.stderr).toMatch(/^error ARGUMENT: .*says that it holds resnet8, but the model was named resnet14/);
  const other = await limbeck(["tutorial", ...one, "--teacher", file, "--out", "says-tutorial"], { cwd });
  expect(other.stderr).toMatch(/^error ARGUMENT: .*says that it holds resnet8, but the model was named DeepNN/);
});

test("a teacher that only guesses stops a distillation and leaves no folder; --force takes it", async () => {
  const few = ["--limit", "64", "--batch-size", "32", "--epochs", "1", "--threads", "1"];
  const trained = await limbeck(["train", ...few, "--learning-rate", "1e-9", "--out", "guesser"], { cwd });
  expect(trained.code, trained.stderr).toBe(0);
  const args = ["distill", ...few, "--teacher", "guesser/model/model.safetensors", "--out", "by-guesser"];
  const refused = await limbeck([...args, "--json"], { cwd });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /error WEIGHTS: Teacher \(LightNN\) classifies \d+\.\d % of 64 test images correctly, and guessing gives 10\.0 %.*--force/s,
  );
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "WEIGHTS" } });
  expect(existsSync(join(cwd, "by-guesser"))).toBe(false);
  const forced = await limbeck([...args, "--force"], { cwd });
  expect(forced.code, forced.stderr).toBe(0);
  expect(forced.stderr).toContain("a student learns little from it");
  expect(forced.stderr).toMatch(/done: Teacher: \d+\.\d\d% of the test images/);
  expect(json("by-guesser/config.json")).toMatchObject({ force: true });
  expect(readFileSync(join(cwd, "by-guesser/report.html"), "utf8")).toContain("--force");
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

// Ctrl-C, and a terminal that is closed.
test.each(["SIGINT", "SIGHUP"] as const)(
  "%s ends with 130 within a second and says how to go on; that gives the weights of an undisturbed run",
  async (signal) => {
    const args = ["train", ...slow, "--epochs", "3", "--method", "ls", "--option", "smoothing=0.2"];
    const [wholeFolder, folder] = [`whole-${signal}`, `stopped-${signal}`];
    const whole = limbeck([...args, "--out", wholeFolder], { cwd });
    let interrupted = 0;
    const stopped = await limbeck([...args, "--out", folder, "--json"], {
      cwd,
      onStderr: (stderr, child) => {
        if (interrupted > 0 || !stderr.includes("epoch 1/3")) return;
        interrupted = performance.now();
        child.kill(signal);
      },
    });
    expect(performance.now() - interrupted).toBeLessThan(1500);
    expect(stopped.code, stopped.stderr).toBe(130);
    expect(stopped.stderr).toMatch(/To resume:\n {2}.* train --resume stopped-SIG\w+\nerror ABORTED: /);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: "ABORTED" } });
    expect(existsSync(join(cwd, folder, "model/model.safetensors"))).toBe(false);

    const resumed = await limbeck(["train", "--resume", folder, "--json"], { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      folder,
      report: `${folder}/report.html`,
      runs: [{ model: "LightNN", method: "ls", options: { smoothing: 0.2 } }],
    });
    expect((await whole).code).toBe(0);
    const weights = (run: string): Buffer => readFileSync(join(cwd, run, "model/model.safetensors"));
    expect(weights(folder).equals(weights(wholeFolder))).toBe(true);
  },
);

test("runs that start in the same second have a folder each", async () => {
  const own = mkdtempSync(join(tmpdir(), "limbeck-at-once-"));
  try {
    const args = ["train", "--threads", "1", "--limit", "2", "--batch-size", "2", "--epochs", "1", "--json"];
    const ended = await Promise.all(Array.from({ length: 5 }, () => limbeck(args, { cwd: own })));
    for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
    const folders = ended.map(({ stdout }) => (JSON.parse(stdout) as { folder: string }).folder);
    expect(new Set(folders).size).toBe(5);
    expect(
      readdirSync(join(own, "runs"))
        .map((name) => join("runs", name))
        .toSorted(),
    ).toEqual(folders.toSorted());
  } finally {
    rmSync(own, { recursive: true });
  }
}, 180_000);

test("a folder that is not a run's is refused and left as it is", async () => {
  const root = await limbeck(["train", ...small, "--epochs", "1", "--out", "/"], { cwd });
  expect(root).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error OUTPUT: \/ holds something other/) });
  const pictures = join(cwd, "pictures");
  mkdirSync(join(pictures, "sea"), { recursive: true });
  const other = await limbeck(["train", ...small, "--epochs", "1", "--out", "pictures"], { cwd });
  expect(other).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ \(sea\); give a new folder, or an empty one/),
  });
  expect(readdirSync(pictures)).toEqual(["sea"]);
});

test("a recipe with views, averages and validation: stopped and gone on with, or from its file, the same bits", async () => {
  const recipe = "--recipe benchmark --epochs 2 --warm-up 0.5 --clip 5 --ema 0.9 --augment crop,flip,cutout,mixup";
  const args = ["train", ...slow, ...recipe.split(" "), "--validation", "4", "--keep", "best"];
  const whole = await limbeck([...args, "--out", "recipe"], { cwd });
  expect(whole.code, whole.stderr).toBe(0);
  expect(whole.stderr).toMatch(/epoch 2\/2 {2}loss \S+ {2}validation \d+\.\d\d%/);
  const record = json("recipe/model/run.json") as RunRecord;
  expect(record.validation).toMatchObject({ images: 4 });
  expect(record.epochs.map(({ validationAccuracy }) => validationAccuracy)).toHaveLength(2);

  const stopped = await limbeck([...args, "--out", "recipe-stopped"], {
    cwd,
    onStderr: (stderr, child) => void (stderr.includes("epoch 1/2") && child.kill("SIGINT")),
  });
  expect(stopped.code, stopped.stderr).toBe(130);
  const resumed = await limbeck(["train", "--resume", "recipe-stopped"], { cwd });
  expect(resumed.code, resumed.stderr).toBe(0);
  const fromFile = await limbeck(["train", "--config", "recipe/config.json", "--out", "recipe-file"], { cwd });
  expect(fromFile.code, fromFile.stderr).toBe(0);
  const weights = (run: string): Buffer => readFileSync(join(cwd, run, "model/model.safetensors"));
  expect(weights("recipe-stopped").equals(weights("recipe"))).toBe(true);
  expect(weights("recipe-file").equals(weights("recipe"))).toBe(true);
  const page = readFileSync(join(cwd, "recipe/report.html"), "utf8");
  expect(page).toContain("--augment crop,flip,cutout,mixup --augment-option crop.padding=4");

  const wrongFile = await limbeck(["tutorial", "--config", "recipe/config.json"], { cwd });
  expect(wrongFile.stderr).toMatch(/^error CONFIG: .*is for limbeck train, not tutorial/);
});

test("options go before a file's: single ones of the same optimiser too", async () => {
  writeFileSync(
    join(cwd, "recipe.json"),
    JSON.stringify({ optimiser: "sgd", optimiserOptions: { momentum: 0.5, weightDecay: 0.1 }, epochs: 3, limit: 16 }),
  );
  const args = ["--threads", "1", "--batch-size", "8", "--epochs", "1"];
  const first = await limbeck(["train", "--config", "recipe.json", ...args, "--momentum", "0.9", "--out", "f"], {
    cwd,
  });
  expect(first.code, first.stderr).toBe(0);
  expect(json("f/config.json")).toMatchObject({ epochs: 1, optimiserOptions: { momentum: 0.9, weightDecay: 0.1 } });
  const other = await limbeck(["train", "--config", "recipe.json", ...args, "--optimiser", "adam", "--out", "g"], {
    cwd,
  });
  expect(other.code, other.stderr).toBe(0);
  expect(json("g/config.json")).toMatchObject({ optimiser: "adam", optimiserOptions: { weightDecay: 0 } });
});

test("a teacher whose outputs are not kept runs in each step; too large ones are, which changes no bit", async () => {
  const teacher = await limbeck(["train", ...small, "--epochs", "1", "--out", "light"], { cwd });
  expect(teacher.code, teacher.stderr).toBe(0);
  const weights = ["--teacher", "light/model/model.safetensors", "--teacher-model", "LightNN"];
  const distill = (out: string, ...more: string[]) =>
    limbeck(["distill", ...small, "--epochs", "1", ...weights, "--out", out, ...more], { cwd });
  const [kept, online, varied] = await Promise.all([
    distill("kept"),
    distill("online", "--teacher-memory", "0"),
    distill("varied", "--augment", "crop,flip"),
  ]);
  expect(kept.stderr).not.toContain("the teacher runs in each step");
  expect(online.stderr).toMatch(
    /student: the teacher runs in each step; its outputs would take 640 B, and may take 0 B/,
  );
  expect(varied.stderr).toContain("student: the teacher runs in each step; images are augmented");
  const record = (run: string) => json(`${run}/student/run.json`) as RunRecord;
  expect([record("kept"), record("online"), record("varied")].map((each) => each.uncachedTeacher)).toEqual([
    undefined,
    "memory",
    "views",
  ]);
  const student = (run: string): Buffer => readFileSync(join(cwd, run, "student/model.safetensors"));
  expect(student("online").equals(student("kept"))).toBe(true);
  expect(student("varied").equals(student("kept"))).toBe(false);
});
