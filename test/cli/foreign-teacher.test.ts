/** @file Teachers in ONNX files, on pictures of one's own, by the command line. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Results, RunRecord } from "../../src/experiment/record.ts";
import { colourTeacher, preprocessing, teacherClasses } from "./colour-teacher.ts";
import { limbeck as run, type Outcome, type RunOptions } from "./limbeck.ts";
import { photoClasses, writePhotos } from "./write-photos.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-foreign-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const env = { LIMBECK_CACHE: join(cwd, "cache") };
const limbeck = (line: string, options: RunOptions = {}): Promise<Outcome> =>
  run(line.split(" "), { cwd, env, ...options });
const json = <Value>(file: string): Value => JSON.parse(readFileSync(join(cwd, file), "utf8")) as Value;
const student = (folder: string): Buffer => readFileSync(join(cwd, folder, "student/model.safetensors"));

/** Those that have a time, or a reason for none. */
const batchesOf = ({ latency = [], untimed = [] }: RunRecord): number[] =>
  [...latency, ...untimed].map(({ batch }) => batch).toSorted((a, b) => a - b);

const small = "--size 8 --student resnet8 --batch-size 16 --threads 1";

beforeAll(async () => {
  await writePhotos(join(cwd, "photos/train"), 16);
  await writePhotos(join(cwd, "photos/val"), 5, 1000);
  const files = {
    "colour.onnx": colourTeacher(),
    "runtime.onnx": colourTeacher({ isForRuntime: true }),
    "nameless.onnx": colourTeacher({ metadata: {} }),
    "small.onnx": colourTeacher({ metadata: { names: JSON.stringify(teacherClasses) }, size: 8 }),
    "guessing.onnx": colourTeacher({ factor: 0 }),
    "narrow.onnx": colourTeacher({ isSaturating: true }),
    "narrow-runtime.onnx": colourTeacher({ isSaturating: true, isForRuntime: true }),
    "rotated.onnx": colourTeacher({
      metadata: { preprocessing: JSON.stringify(preprocessing), names: '["leaf","sea","night","apple"]' },
    }),
    "labels.json": JSON.stringify({ 0: "sea", 1: "apple", 3: "leaf" }),
    "names.json": JSON.stringify(teacherClasses),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
});

test("an ONNX teacher of other classes' order and another size is judged, teaches, and is named in every record", async () => {
  const line = `distill ./photos --teacher colour.onnx ${small} --validation 20% --epochs 4 --option ceWeight=0 --option kdWeight=1 --out runs/a`;
  const { code, stdout, stderr } = await limbeck(line, { latency: true });
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("its logits are matched by name");
  expect(stderr).not.toContain("not trained on them"); // the pictures for the test lie in a folder of their own
  expect(stderr).toMatch(/Teacher \(colour\): 100\.00% of 9 validation images/);
  expect(stdout).toMatch(/^Teacher +100\.00%/m);
  const teacher = json<RunRecord>("runs/a/teacher/run.json");
  expect(teacher).toMatchObject({ model: "colour", parameters: 514, test: { accuracy: 100, count: 15 } });
  expect(teacher.multiplyAdds).toBe(24_324);
  expect(stdout).toMatch(/^Teacher +100\.00%.* 514 +0\.\d+ M/m);
  expect(batchesOf(teacher)).toEqual([1, 32]);
  const taught = json<RunRecord>("runs/a/student/run.json");
  expect(taught.test.accuracy).toBeGreaterThan(90); // without the labels' loss
  const origin = {
    kind: "onnx",
    runner: "import",
    file: join(cwd, "colour.onnx"),
    sha256: expect.any(String),
    preprocessing,
  };
  expect(taught.teachers).toMatchObject([origin]);
  expect(json<Results>("runs/a/results.json").teachers).toEqual(taught.teachers);
  const report = readFileSync(join(cwd, "runs/a/report.html"), "utf8");
  expect(report).toContain("colour.onnx");
  const evaluated = await limbeck("evaluate runs/a ./photos/val --json --threads 1");
  expect(JSON.parse(evaluated.stdout)).toMatchObject({ accuracy: taught.test.accuracy });
  const predicted = await limbeck("predict runs/a photos/val --top 1 --json --threads 1");
  expect(JSON.parse(predicted.stdout)).toMatchObject({ classes: photoClasses.length });
}, 180_000);

test("what it says is kept, so that another run does not ask again; run by ONNX Runtime, it teaches the same", async () => {
  const line = `distill ./photos --teacher runtime.onnx ${small} --epochs 1 --out`;
  const first = await limbeck(`${line} runs/first`, { latency: true });
  expect(first.code, first.stderr).toBe(0);
  const why = /runtime\.onnx is run by ONNX Runtime, because it cannot be imported: .*"LpPool"/;
  expect(first.stderr).toMatch(why);
  expect(readFileSync(join(cwd, "runs/first/report.html"), "utf8")).toMatch(
    /run by ONNX Runtime, because it cannot be imported \(.*LpPool/,
  );
  const asked = json<RunRecord>("runs/first/teacher/run.json");
  expect(asked.multiplyAdds).toBe(24_324);
  expect(batchesOf(asked)).toEqual([1, 32]);
  for (const { runner } of asked.latency ?? []) expect(runner).toBe("ONNX Runtime");
  if (asked.latency!.length > 0) expect(first.stdout).toMatch(/^Teacher .* ms \(ONNX Runtime\)/m);
  const { teachers } = json<RunRecord>("runs/first/student/run.json");
  expect(teachers).toMatchObject([{ runner: "onnxruntime", notImported: expect.stringContaining("LpPool") }]);
  await limbeck(`${line} runs/second`);
  expect(student("runs/second")).toEqual(student("runs/first"));
}, 180_000);

test("killed at once and resumed, it ends in the same bits; another file in the teacher's place is refused", async () => {
  const line = `distill ./photos --teacher colour.onnx --method kd+embed ${small} --epochs 12 --out`;
  await limbeck(`${line} runs/whole`);
  const killed = await limbeck(`${line} runs/killed`, {
    onStderr: (text, child) => void (text.includes("epoch 2/12") && child.kill("SIGKILL")),
  });
  expect(killed.code).toBeNull();
  writeFileSync(join(cwd, "colour.onnx"), colourTeacher({ factor: 5 }));
  const other = await limbeck("distill --resume runs/killed");
  expect(other.stderr).toMatch(/^error CHECKSUM: .*colour\.onnx, how pictures are made ready for it/m);
  writeFileSync(join(cwd, "colour.onnx"), colourTeacher());
  const resumed = await limbeck("distill --resume runs/killed");
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(student("runs/killed")).toEqual(student("runs/whole"));
}, 240_000);

test("preprocessing and classes by options; a teacher of the data set's images, with one of Limbeck's as an ensemble", async () => {
  const said = Object.entries({
    resize: 20,
    interpolation: "bilinear",
    range: 1,
    mean: "0.3,0.3,0.3",
    std: "0.25,0.25,0.25",
  })
    .map(([name, value]) => `--teacher-option ${name}=${value}`)
    .join(" ");
  const trained = await limbeck(
    "train ./photos --size 8 --model resnet8 --batch-size 16 --epochs 4 --threads 1 --out runs/own",
  );
  expect(trained.code, trained.stderr).toBe(0);
  const weights = "runs/own/model/model.safetensors";
  const named = await limbeck(
    `distill ./photos --teacher colour.onnx --teacher ${weights} --teacher-weight 2 --teacher-weight 1 ${small} --epochs 1 --out runs/both`,
  );
  expect(named.code, named.stderr).toBe(0);
  expect(json<Results>("runs/both/results.json").runs.map(({ name }) => name)).toEqual([
    "teacher-1",
    "teacher-2",
    "teacher",
    "student",
  ]);
  expect(json<RunRecord>("runs/both/teacher-2/run.json").test.predictions).toEqual(
    json<RunRecord>("runs/own/model/run.json").test.predictions,
  );
  const numbered = await limbeck(
    `distill ./photos --teacher nameless.onnx --teacher-labels labels.json ${said} ${small} --epochs 1 --out runs/numbered`,
  );
  expect(numbered.code, numbered.stderr).toBe(0);
  expect(json<RunRecord>("runs/numbered/teacher/run.json").test.accuracy).toBe(100);
}, 240_000);

test.skipIf(process.platform === "win32")("names that a terminal would obey reach it as text", async () => {
  const [hostile, out] = ["\u001B[2J\u009B31m\u202Ered.onnx", "runs/\u001B]0;title\u0007"];
  writeFileSync(join(cwd, hostile), colourTeacher());
  const words = `distill ./photos ${small} --epochs 1 --augment flip`.split(" ");
  const { code, stdout, stderr } = await run([...words, "--teacher", hostile, "--out", out], { cwd, env });
  expect(code, stderr).toBe(0);
  expect(stdout + stderr).toContain("\uFFFD[2J\uFFFD31m\uFFFDred");
  // oxlint-disable-next-line no-control-regex
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/);
});

test("where ONNX Runtime runs it, feature methods need taps; those that the error proposes do", async () => {
  const line = `distill ./photos --teacher runtime.onnx --method at ${small} --epochs 1 --out runs/taps`;
  const none = await limbeck(line);
  const [, option] =
    /^error ARGUMENT: runtime has no stages .* as taps \(--teacher-option '(\S+)'/m.exec(none.stderr) ?? [];
  expect(option).toBe('taps=["b","d"]');
  const wrong = await limbeck(`${line} --pair d=layer1`);
  expect(wrong.stderr).toMatch(/^error UNKNOWN_NAME: unknown module "d" of runtime.* as taps/m);
  const { code, stderr } = await limbeck(`${line} --teacher-option ${option}`);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("at compares d [6, 5, 5] with layer2 [32, 4, 4]");
}, 60_000);

test("limbeck tutorial takes an ONNX teacher in the place of its own, which teaches as its weights do", async () => {
  await limbeck("train shapes --model DeepNN --limit 200 --epochs 2 --threads 1 --out runs/deep");
  const exported = await limbeck("export runs/deep --format onnx --out deep --threads 1");
  expect(exported.code, exported.stderr).toBe(0);
  const line = "tutorial shapes --teacher deep/model.onnx --limit 64 --epochs 1 --threads 1 --force --out";
  const { code, stdout, stderr } = await limbeck(`${line} runs/tutorial`);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^Teacher +\d+\.\d\d%/m);
  const of = (run: string) => json<RunRecord>(`runs/tutorial/${run}/run.json`);
  const origin = expect.objectContaining({ kind: "onnx", runner: "import", file: join(cwd, "deep/model.onnx") });
  for (const run of ["teacher", "student-kd", "student-cosine", "student-regressor"])
    expect(of(run).teachers).toEqual([origin]);
  expect(of("student-ce").teachers).toBeUndefined();
  expect(existsSync(join(cwd, "runs/tutorial/teacher/model.safetensors"))).toBe(false);
  const weights = await limbeck(`${line.replace("deep/model.onnx", "runs/deep")} runs/by-weights`);
  expect(weights.code, weights.stderr).toBe(0);
  for (const run of ["student-kd", "student-cosine", "student-regressor"]) {
    const byWeights = json<RunRecord>(`runs/by-weights/${run}/run.json`);
    expect(of(run).epochs[0]!.loss).toBeCloseTo(byWeights.epochs[0]!.loss, 3);
  }
  const maps = await limbeck("tutorial shapes --teacher colour.onnx --limit 64 --threads 1 --out runs/others");
  expect(maps.stderr).toMatch(/^error SHAPE: regressor: .* for the teacher/m);
  const classes = "tutorial shapes --teacher colour.onnx --recipe best --limit 64 --threads 1 --out runs/others";
  const others = await limbeck(classes);
  expect(others.stderr).toMatch(/^error ARGUMENT: .*colour\.onnx/m);
  expect(others.stderr).toContain("choose a method that does not use its classifier");
}, 120_000);

describe("images that are varied", () => {
  const varied = `${small} --epochs 1 --augment crop,flip --augment-option crop.padding=1`;

  test("a teacher of the student's size that is imported sees what the student sees", async () => {
    const said = Object.entries({ ...preprocessing, inputShape: [3, 8, 8], resize: 8 })
      .map(([name, value]) => `--teacher-option ${name}=${JSON.stringify(value)}`)
      .join(" ")
      .replaceAll('"', "");
    const { code, stderr } = await limbeck(
      `distill ./photos --teacher small.onnx --method kd+fitnet ${said} ${varied} --out runs/seen`,
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("the teacher runs in each step");
    expect(json<RunRecord>("runs/seen/student/run.json").uncachedTeacher).toBe("views");
    const both = await limbeck(
      `distill ./photos --teacher small.onnx --teacher small.onnx ${said} ${varied} --out runs/seen-by-two`,
    );
    expect(both.code, both.stderr).toBe(0);
    expect(both.stderr).toContain("the teacher runs in each step");
    const of = (folder: string) => json<RunRecord>(`${folder}/run.json`);
    expect(of("runs/seen-by-two/student").uncachedTeacher).toBe("views");
    expect(of("runs/seen-by-two/teacher").test).toMatchObject({
      accuracy: of("runs/seen-by-two/teacher-1").test.accuracy,
    });
  });

  test("another is fixed, and that is said; maps and mixed images are refused", async () => {
    const { code, stderr } = await limbeck(`distill ./photos --teacher colour.onnx ${varied} --out runs/fixed`);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("a fixed teacher");
    expect(json<RunRecord>("runs/fixed/student/run.json").isTeacherFixed).toBe(true);
    const maps = await limbeck(`distill ./photos --teacher colour.onnx --method at ${varied} --out runs/maps`);
    expect(maps.stderr).toMatch(/^error ARGUMENT: method at compares .* by place/m);
    const mixed = await limbeck(`distill ./photos --teacher colour.onnx ${small} --augment mixup --out runs/mixed`);
    expect(mixed.stderr).toMatch(/^error ARGUMENT: colour answered for the original images/m);
  });

  test("another is asked about both sides of each picture, which are kept apart", async () => {
    const line = `distill ./photos --teacher colour.onnx ${varied} --teacher-views mean --out runs/mean`;
    const { code, stderr } = await limbeck(line);
    expect(code, stderr).toBe(0);
    expect(readdirSync(join(cwd, "cache/teachers")).length).toBeGreaterThanOrEqual(2);
    expect(json<RunRecord>("runs/mean/student/run.json")).toMatchObject({ teacherViews: "mean", isTeacherFixed: true });
  });
}, 120_000);

test.each([
  ["narrow.onnx", "range=255", "5 of 15 of these images correctly, and 15 with range 1 (--teacher-option range=1)"],
  [
    "narrow-runtime.onnx",
    "range=255",
    "5 of 15 of these images correctly, and 15 with range 1 (--teacher-option range=1)",
  ],
  ["colour.onnx", "channelOrder=BGR", "15 with the other order of channels (--teacher-option channelOrder=RGB)"],
  [
    "narrow.onnx",
    "mean=-9,-9,-9",
    "15 with pixels from 0 to 1 (--teacher-option mean=0,0,0 --teacher-option std=1,1,1), as many with pixels from -1 to 1,",
  ],
  [
    "rotated.onnx",
    "range=1",
    "its classes seem to stand in another order: of most images it says, of apple, sea; of leaf, apple; of sea, leaf; name",
  ],
])("%s with %s is told what is wrong, and classes are blamed for nothing else", async (teacher, option, message) => {
  const line = `distill ./photos --teacher ${teacher} --teacher-option ${option} ${small} --out runs/refused`;
  const { code, stderr } = await limbeck(line);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^error WEIGHTS: Teacher .* so there is nothing to learn from it; it/m);
  expect(stderr).not.toContain("with its classes in this order");
});

test.each([
  ["colour.onnx --option temperature=-1", 2, "ARGUMENT", "temperature"],
  ["nameless.onnx", 2, "ARGUMENT", "its preprocessing is not known"],
  ["nameless.onnx --teacher-option size=3", 2, "CONFIG", "teacherOptions"],
  ["gone.onnx", 1, "DATA_MISSING", "gone.onnx cannot be read"],
  ["names.json", 1, "WEIGHTS", "names.json"],
  ["guessing.onnx", 1, "WEIGHTS", "guessing gives 33.3 %"],
  [
    "guessing.onnx",
    1,
    "WEIGHTS",
    "no other range of its pixels does better: it classifies 5 of 15 of these images correctly, 5 with",
  ],
  ["colour.onnx --teacher-model DeepNN", 2, "CONFIG", "says which network it holds"],
  ["colour.onnx --method simkd", 2, "ARGUMENT", "contains parts of its teacher"],
  ["colour.onnx --method crld", 2, "ARGUMENT", "another view of each image in every step"],
  ["colour.onnx --teacher-memory 0", 2, "ARGUMENT", "--teacher-memory"],
])("limbeck distill ./photos --teacher %s", async (line, expected, code, message) => {
  const { code: got, stdout, stderr } = await limbeck(`distill ./photos --teacher ${line} ${small} --out runs/refused`);
  expect(stderr).toContain(`error ${code}: `);
  expect(stderr).toContain(message);
  expect([got, stdout]).toEqual([expected, ""]);
  expect(existsSync(join(cwd, "runs/refused"))).toBe(false);
});
