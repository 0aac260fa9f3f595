/** @file Pictures that nobody has labelled, and logits that were computed outside Limbeck, by the command line. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MostCommonAnswer, RunRecord } from "../../src/experiment/record.ts";
import type { Check } from "../../src/ship/check.ts";
import { writeSafetensors } from "../../src/weights/index.ts";
import { colourTeacher, teacherClasses } from "./colour-teacher.ts";
import { limbeck as run, type Outcome, type RunOptions } from "./limbeck.ts";
import { photoClasses, writePhotos } from "./write-photos.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-no-labels-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const env = { LIMBECK_CACHE: join(cwd, "cache") };
const limbeck = (line: string, options: RunOptions = {}): Promise<Outcome> =>
  run(line.split(" "), { cwd, env, ...options });
const json = <Value>(file: string): Value => JSON.parse(readFileSync(join(cwd, file), "utf8")) as Value;

const small = "--size 8 --student resnet8 --batch-size 16 --threads 1";

beforeAll(async () => {
  await writePhotos(join(cwd, "photos"), 20);
  mkdirSync(join(cwd, "bag"));
  for (const kind of photoClasses) {
    for (const [i, name] of readdirSync(join(cwd, "photos", kind)).entries())
      cpSync(
        join(cwd, "photos", kind, name),
        join(cwd, "bag", `${i}-${photoClasses.indexOf(kind)}.${name.split(".")[1]!}`),
      );
  }
  writeFileSync(join(cwd, "colour.onnx"), colourTeacher());
  writeFileSync(join(cwd, "same.onnx"), colourTeacher({ factor: 0 }));
});

/** As the results have it, in this order of keys or another. */
interface Agreed {
  readonly measure: string;
  readonly test: { readonly agreement: number; readonly agreeing: number; readonly count: number };
  readonly validation: { readonly agreement: number };
}

test("a student learns what its teacher says, and is tested by how often it agrees: nothing is called accuracy", async () => {
  const line = `distill ./bag --teacher colour.onnx ${small} --validation 10% --epochs 6 --option kdWeight=1 --json --out runs/bag`;
  const { code, stdout, stderr } = await limbeck(line);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("the pictures of bag have no labels: the student learns colour's answers");
  expect(stderr).toContain("agrees with the teacher on ");
  const printed = JSON.parse(stdout) as {
    readonly runs: readonly { readonly name: string; readonly testAgreement: number }[];
    readonly mostCommonAnswer: MostCommonAnswer;
  };
  expect(printed.runs.map(({ name }) => name)).toEqual(["student"]);
  expect(stderr).not.toContain("not trained on them"); // agreement asks for no truth
  const record = json<Agreed>("runs/bag/student/run.json");
  expect(record).toMatchObject({
    measure: "agreement",
    test: { agreement: printed.runs[0]!.testAgreement, count: 12 },
  });
  expect(record.test.agreement).toBeGreaterThan(90);
  expect(json<RunRecord>("runs/bag/student/run.json").options).toMatchObject({ ceWeight: 0 });
  expect(json<{ classes: string[]; test: number[] }>("runs/bag/answers.json").classes).toEqual(teacherClasses);
  for (const file of ["results.json", "student/run.json"])
    expect(readFileSync(join(cwd, "runs/bag", file), "utf8")).not.toContain("ccuracy");
  const page = readFileSync(join(cwd, "runs/bag/report.html"), "utf8");
  const shown = page.replaceAll(/<(style|script)[^>]*>.*?<\/\1>|<[^>]*>/gs, " ");
  expect(shown).toContain("Agreement");
  expect(shown).not.toContain("ccuracy");
  const { mostCommonAnswer: common } = json<{ mostCommonAnswer: MostCommonAnswer }>("runs/bag/results.json");
  const answers = json<{ classes: string[]; test: number[] }>("runs/bag/answers.json");
  const times = answers.classes.map((_, label) => answers.test.filter((each) => each === label).length);
  expect(common).toEqual({
    name: answers.classes[times.indexOf(Math.max(...times))],
    images: Math.max(...times),
    percent: expect.closeTo((100 * Math.max(...times)) / 12, 9),
  });
  expect(printed.mostCommonAnswer).toEqual(common);
  const answer = `Always giving the teacher's most common answer, ${common.name}, would agree on ${common.percent.toFixed(2)}%.`;
  expect(shown.replaceAll("&#39;", "'")).toContain(answer);
  expect(shown).toMatch(/soft targets agrees with its teacher on \d+\.\d\d% of the test images\./);
  expect(stdout).not.toContain("ccuracy");

  const again = await limbeck("evaluate runs/bag --threads 1");
  expect(again.stdout).toMatch(/^Agrees with its teacher on \d+\.\d\d% of 12 test images/);
  const evaluated = await limbeck("evaluate runs/bag --threads 1 --json");
  expect(again.stdout).toContain(answer);
  expect(JSON.parse(evaluated.stdout)).toMatchObject({
    mostCommonAnswer: common,
    agreement: record.test.agreement,
    agreeing: record.test.agreeing,
  });
  const labelled = await limbeck("evaluate runs/bag ./photos --threads 1 --json");
  expect((JSON.parse(labelled.stdout) as { accuracy: number }).accuracy).toBeGreaterThan(90);
  const predicted = await limbeck("predict runs/bag photos/sea --top 1 --threads 1");
  expect(predicted.stdout).toMatch(/photos\/sea\/\S+ +sea/);
}, 180_000);

test("weights of which labels name some classes teach augmented images by those classes alone", async () => {
  const trained = await limbeck(
    "train ./photos --size 8 --model resnet8 --batch-size 16 --epochs 1 --threads 1 --out runs/weights",
  );
  expect(trained.code, trained.stderr).toBe(0);
  const [first, , third] = photoClasses;
  writeFileSync(join(cwd, "two.json"), JSON.stringify({ [third!]: "third", [first!]: "first" }));
  const line = `distill ./bag --teacher runs/weights --teacher-labels two.json ${small} --epochs 1 --augment crop,flip --force --out runs/two`;
  const { code, stderr } = await limbeck(line);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("the teacher runs in each step");
  expect(json<{ classes: string[] }>("runs/two/answers.json").classes).toEqual(["third", "first"]);
}, 60_000);

test.each(["weights", "sampler"])(
  "classes that nobody knows cannot be balanced by %s: said before the teacher is asked",
  async (balance) => {
    const { code, stderr } = await limbeck(
      `distill ./bag --teacher colour.onnx ${small} --balance ${balance} --out runs/no`,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(
        `balance ${balance} needs the classes of the training images, and those of bag have no labels; leave out balance`,
      ),
    );
    expect(stderr).not.toContain("eacher's answers");
    expect(existsSync(join(cwd, "runs/no"))).toBe(false);
  },
);

test("what is exported of it is set against the teacher's answers", async () => {
  const { code, stdout, stderr } = await limbeck("export runs/bag --threads 1 --json --out shipped");
  expect(code, stderr).toBe(0);
  const { test: tested } = json<Agreed>("runs/bag/student/run.json");
  const { check } = JSON.parse(stdout) as { readonly check: Check };
  expect(check.teacherAgreement).toEqual({ before: tested.agreement, after: tested.agreement });
  expect(check.accuracy).toBeUndefined();
  const card = readFileSync(join(cwd, "shipped/card.md"), "utf8");
  expect(card).toContain("| agreement with the teacher, of this export |");
  expect(card).toContain("| Test images as the teacher has them |");
  expect(card).not.toContain("ccuracy");
});

test("killed at once and resumed, it ends in the same bits", async () => {
  // Folders of classes count for nothing where they are not to.
  const line = `distill ./photos --unlabelled --teacher colour.onnx --method dist ${small} --epochs 8 --out`;
  await limbeck(`${line} runs/whole`);
  const killed = await limbeck(`${line} runs/killed`, {
    onStderr: (text, child) => void (text.includes("epoch 2/8") && child.kill("SIGKILL")),
  });
  expect(killed.code).toBeNull();
  const resumed = await limbeck("distill --resume runs/killed");
  expect(resumed.code, resumed.stderr).toBe(0);
  const student = (folder: string): Buffer => readFileSync(join(cwd, folder, "student/model.safetensors"));
  expect(student("runs/killed")).toEqual(student("runs/whole"));
}, 180_000);

test("a network of Limbeck's teaches without labels too; embeddings alone train no classifier, and that is said", async () => {
  const trained = await limbeck(
    "train ./photos --size 8 --model resnet8 --batch-size 16 --epochs 4 --threads 1 --out runs/own",
  );
  expect(trained.code, trained.stderr).toBe(0);
  const line = `distill ./bag --teacher runs/own/model/model.safetensors --method embed ${small} --epochs 1 --out runs/embed`;
  const { code, stderr } = await limbeck(line);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("no loss of embed reaches the student's classifier");
  expect(json<{ classes: string[] }>("runs/embed/answers.json").classes).toEqual(photoClasses);
}, 180_000);

describe("logits that were computed outside Limbeck", () => {
  interface List {
    readonly source: string;
    readonly splits: Readonly<
      Record<
        "train" | "test",
        { readonly fingerprint: string; readonly images: readonly { readonly path: string; readonly class?: string }[] }
      >
    >;
  }

  /** Of each picture of the list, by its mean colours. */
  const logitsOf = async (source: string, images: List["splits"]["train"]["images"]) => {
    const rows = await Promise.all(
      images.map(async ({ path }) => (await sharp(join(source, path)).stats()).channels.map(({ mean }) => mean / 40)),
    );
    return { shape: [rows.length, 3], values: Float32Array.from(rows.flat()) };
  };

  const written = async (folder: string) => {
    const { code, stdout, stderr } = await limbeck(`distill ./${folder} --list-images ${folder}.json`);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(`Written: ${folder}.json, 48 for training, 12 for test\n`);
    expect(stderr).toContain("Held out: the test images.");
    const { source, splits } = json<List>(`${folder}.json`);
    const tensors = {
      logits: await logitsOf(source, splits.train.images),
      "test.logits": await logitsOf(source, splits.test.images),
    };
    const metadata = {
      fingerprint: splits.train.fingerprint,
      "test.fingerprint": splits.test.fingerprint,
      classes: JSON.stringify(photoClasses),
    };
    return { tensors, metadata, splits };
  };

  const write = (name: string, tensors: object, metadata: Readonly<Record<string, string>>): void =>
    writeFileSync(join(cwd, name), writeSafetensors(new Map(Object.entries(tensors)), metadata));

  test("by the order that --list-images writes they teach, and are judged", async () => {
    const { tensors, metadata, splits } = await written("photos");
    expect(splits.train.images[0]).toEqual({ path: expect.stringMatching(/^apple\//), class: "apple" });
    write("logits.safetensors", tensors, metadata);
    const line = `distill ./photos --teacher-logits logits.safetensors ${small} --epochs 4 --option ceWeight=0 --option kdWeight=1 --out runs/logits`;
    const { code, stderr } = await limbeck(line);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^12 test pictures of photos are held out, .* only if logits\.safetensors was not trained on them; .*--list-images/m,
    );
    expect(json<RunRecord>("runs/logits/teacher/run.json").test.accuracy).toBe(100);
    const student = json<RunRecord>("runs/logits/student/run.json");
    expect(student.test.accuracy).toBeGreaterThan(90);
    expect(student.teachers).toMatchObject([{ kind: "logits", file: join(cwd, "logits.safetensors") }]);
  }, 120_000);

  test("of other pictures, in another order, too few, or none for the test, they are refused", async () => {
    const { tensors, metadata } = await written("bag");
    const { logits } = tensors;
    write("few.safetensors", { logits: { shape: [47, 3], values: logits.values.slice(3) } }, metadata);
    write("others.safetensors", tensors, { ...metadata, fingerprint: "0".repeat(64) });
    write("untested.safetensors", { logits }, metadata);
    for (const [name, code, message] of [
      ["few", "WEIGHTS", "logits [48, classes], a row for each training image, got [47, 3]"],
      ["others", "CHECKSUM", "--list-images FILE lists them"],
      ["untested", "ARGUMENT", "test.logits"],
    ] as const) {
      const { stderr } = await limbeck(
        `distill ./bag --teacher-logits ${name}.safetensors ${small} --out runs/refused`,
      );
      expect(stderr).toContain(`error ${code}: `);
      expect(stderr).toContain(message);
      expect(existsSync(join(cwd, "runs/refused"))).toBe(false);
    }
  }, 120_000);
});

test.each([
  [
    "distill ./bag --teacher colour.onnx --method crd",
    2,
    "ARGUMENT",
    "method crd needs labels, and these images have none",
  ],
  ["distill ./bag --teacher same.onnx", 1, "WEIGHTS", "of all 12 test pictures"],
  ["train ./bag", 1, "DATA_FORMAT", "limbeck distill FOLDER --teacher FILE"],
  ["distill shapes --list-images list.json", 2, "ARGUMENT", "only pictures in files are listed"],
])("limbeck %s is refused", async (line, expected, code, message) => {
  const own = line.includes("list") ? "" : " --size 8 --out runs/refused";
  const { code: got, stdout, stderr } = await limbeck(line + own);
  expect(stderr).toContain(`error ${code}: `);
  expect(stderr).toContain(message);
  expect([got, stdout]).toEqual([expected, ""]);
  expect(existsSync(join(cwd, "runs/refused"))).toBe(false);
});
