/** @file Training, testing and using a network on pictures of one's own, by the command line. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Results, RunRecord } from "../../src/experiment/record.ts";
import { readSafetensors } from "../../src/weights/index.ts";
import { limbeck as run, type Outcome } from "./limbeck.ts";
import { photo, photoClasses, writePhotos } from "./write-photos.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-photos-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const env = { LIMBECK_CACHE: join(cwd, "cache") };
const limbeck = (line: string): Promise<Outcome> => run(line.split(" "), { cwd, env });
const json = <Value>(file: string): Value => JSON.parse(readFileSync(join(cwd, file), "utf8")) as Value;

const small = "--engine reference --batch-size 8";

beforeAll(async () => {
  await writePhotos(join(cwd, "photos/train"), 20);
  await writePhotos(join(cwd, "photos/val"), 5, 1000);
  await writePhotos(join(cwd, "flat"), 10);
  const trained = await limbeck(`train ./photos --size 16 --epochs 6 --validation 20% ${small} --out runs/teacher`);
  expect(trained.code, trained.stderr).toBe(0);
}, 120_000);

test("train on a folder of pictures: everything that it depends on is written down, and the report shows them", () => {
  expect(json("runs/teacher/config.json")).toMatchObject({
    command: "train",
    dataset: join(cwd, "photos"),
    size: 16,
    validation: "20%",
  });
  const { test: tested, validation } = json<RunRecord>("runs/teacher/model/run.json");
  expect(tested.count).toBe(15);
  expect(tested.accuracy).toBeGreaterThan(90);
  expect(validation?.images).toBe(12);
  expect(json<Results>("runs/teacher/results.json").dataset).toBe("photos");
  const report = readFileSync(join(cwd, "runs/teacher/report.html"), "utf8");
  for (const name of [...photoClasses, "--size 16", "--validation 20%"]) expect(report).toContain(name);
  const { metadata } = readSafetensors(readFileSync(join(cwd, "runs/teacher/model/model.safetensors")), "weights");
  expect(JSON.parse(metadata["limbeck"]!)).toMatchObject({
    inputShape: [3, 16, 16],
    classNames: photoClasses,
    preparation: { resize: 18, exif: true },
  });
});

test("evaluate finds the same accuracy: by the run alone, the run and its folder, and pictures apart", async () => {
  const { correct, count } = json<RunRecord>("runs/teacher/model/run.json").test;
  for (const data of ["", " photos", " ./photos/val"]) {
    const { code, stdout, stderr } = await limbeck(`evaluate runs/teacher${data} --engine reference --json`);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ correct, count, classes: photoClasses });
  }
  const { stdout } = await limbeck("evaluate runs/teacher photos/val --engine reference");
  expect(stdout).toMatch(/^\d+\.\d\d% of 15 test images are right/);
  for (const name of photoClasses) expect(stdout).toMatch(new RegExp(`  ${name} +\\d+\\.\\d\\d%`));
});

test("classes are matched by name: of some classes alone, in another order of numbers", async () => {
  mkdirSync(join(cwd, "some/sea"), { recursive: true });
  mkdirSync(join(cwd, "some/leaf"), { recursive: true });
  for (let i = 0; i < 4; i++) {
    writeFileSync(join(cwd, `some/sea/${i}.png`), await photo("a.png", "sea", 500 + i));
    writeFileSync(join(cwd, `some/leaf/${i}.png`), await photo("a.png", "leaf", 600 + i));
  }
  const { stdout } = await limbeck("evaluate runs/teacher some --engine reference --json");
  const { confusion, correct, count } = JSON.parse(stdout) as RunRecord["test"];
  expect(count).toBe(8);
  expect(correct).toBe(confusion[1]![1]! + confusion[2]![2]!);
  expect(correct).toBeGreaterThan(6);
  expect(confusion[0]).toEqual([0, 0, 0]);
});

test("predict makes pictures ready as training did", async () => {
  const { stdout } = await limbeck("predict runs/teacher photos/val --engine reference --json --top 1");
  const { pictures } = JSON.parse(stdout) as {
    pictures: { path: string; classes: { name: string; index: number }[] }[];
  };
  const { predictions } = json<RunRecord>("runs/teacher/model/run.json").test;
  expect(pictures.map(({ classes }) => classes[0]!.index)).toEqual(predictions);
});

test("a student learns from a teacher of the same pictures, and the commands that come next run", async () => {
  const { code, stdout, stderr } = await limbeck(
    `distill photos --teacher runs/teacher/model/model.safetensors --size 16 --student resnet8 --epochs 1 ${small} --out runs/student`,
  );
  expect(code, stderr).toBe(0);
  expect(json<RunRecord>("runs/student/teacher/run.json").test).toEqual(
    json<RunRecord>("runs/teacher/model/run.json").test,
  );
  const next = stdout.split("\n").filter((line) => /^ {2}\S.* (evaluate|distill) /.test(line));
  expect(next.some((line) => line.endsWith("evaluate runs/student/student/model.safetensors"))).toBe(true);
  expect(next.some((line) => line.includes(` distill ${join(cwd, "photos")} `) && line.includes(" --seeds 3"))).toBe(
    true,
  );
});

test("without folders for splits a share is held out, of each class, whatever the seed; resumed, the pictures have to be the same", async () => {
  const line = `train flat --size 8 --test 30% --epochs 1 ${small} --seed`;
  for (const seed of [1, 2]) expect((await limbeck(`${line} ${seed} --out runs/flat${seed}`)).code).toBe(0);
  const [first, second] = [1, 2].map((seed) => json<RunRecord>(`runs/flat${seed}/model/run.json`).test);
  expect([first!.count, second!.count]).toEqual([9, 9]);
  expect(first!.confusion.map((row) => row.reduce((sum, each) => sum + each))).toEqual([3, 3, 3]);
  const again = await limbeck("train --resume runs/flat1");
  expect(again.code, again.stderr).toBe(0);
  rmSync(join(cwd, "runs/flat1/model"), { recursive: true });
  writeFileSync(join(cwd, "flat/sea/0.jpg"), await photo("a.jpg", "sea", 77));
  const changed = await limbeck("train --resume runs/flat1");
  expect(changed.stderr).toMatch(/^error CHECKSUM: the images or labels of flat are not those/m);
});

test("pictures of one small size keep it; in grey, with a mean and deviation that are given", async () => {
  const sharp = (await import("sharp")).default;
  for (const kind of photoClasses) {
    mkdirSync(join(cwd, "icons", kind), { recursive: true });
    for (let i = 0; i < 5; i++) {
      const file = await photo("a.png", kind, i);
      writeFileSync(
        join(cwd, "icons", kind, `${i}.png`),
        await sharp(file).resize(12, 12, { fit: "fill" }).png().toBuffer(),
      );
    }
  }
  const line = `train icons --channels 1 --mean 0.5 --std 0.25 --no-exif --model resnet8 --epochs 1 ${small} --out runs/icons`;
  const { code, stderr } = await limbeck(line);
  expect(code, stderr).toBe(0);
  expect(json("runs/icons/config.json")).toMatchObject({
    size: 12,
    channels: 1,
    mean: [0.5],
    std: [0.25],
    exif: false,
  });
  const report = readFileSync(join(cwd, "runs/icons/report.html"), "utf8");
  expect(report).toContain("--no-exif");
});

describe("what cannot be trained on is refused before anything is written", () => {
  const folders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    nothing: {},
    text: { "a/notes.txt": "no picture", "b/more.md": "none" },
  };
  beforeAll(async () => {
    for (const [folder, files] of Object.entries(folders)) {
      mkdirSync(join(cwd, folder), { recursive: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(cwd, folder, path, ".."), { recursive: true });
        writeFileSync(join(cwd, folder, path), text);
      }
    }
    mkdirSync(join(cwd, "one/cat"), { recursive: true });
    writeFileSync(join(cwd, "one/cat/1.png"), await photo("a.png", "sea", 1));
    await writePhotos(join(cwd, "broken"), 5);
    writeFileSync(join(cwd, "broken/sea/cut.png"), (await photo("a.png", "sea", 9)).subarray(0, 60));
    await writePhotos(join(cwd, "shapes"), 2);
    for (const path of ["other/zebra", "close/leef"]) {
      mkdirSync(join(cwd, path), { recursive: true });
      writeFileSync(join(cwd, path, "1.png"), await photo("a.png", "sea", 1));
    }
  });

  test.each([
    ["train one", 1, "DATA_FORMAT", "two or more classes, got one, cat"],
    ["train nothing", 1, "DATA_MISSING", "it holds nothing"],
    ["train text", 1, "DATA_MISSING", "a/notes.txt"],
    ["train ./gone", 1, "DATA_MISSING", "does not exist"],
    ["train gone", 2, "UNKNOWN_NAME", 'unknown data set "gone"'],
    ["train broken --size 8", 1, "DATA_FORMAT", "sea/cut.png should be a whole picture"],
    ["train photos --size 8 --validation 0%", 2, "ARGUMENT", "above 0%"],
    ["train photos --size 8 --keep best", 2, "ARGUMENT", "chosen on validation images"],
    ["train photos --size 8 --mean 0.5,0.5 --std 1,1", 2, "CONFIG", "one number a channel, 3, got 2"],
    ["train photos --size 8 --mean 0.5,0.5,0.5", 2, "CONFIG", "give both mean and std"],
    ["train photos --data-dir flat", 2, "CONFIG", "the data set is a path itself"],
    ["train shapes --size 8", 2, "CONFIG", "it is for pictures in files"],
    ["evaluate runs/teacher other", 2, "ARGUMENT", "pictures of zebra, classes that LightNN does not tell"],
    ["evaluate runs/teacher close", 2, "ARGUMENT", "pictures of leef (its number 1 is leaf), classes that"],
    ["evaluate runs/teacher broken", 1, "DATA_FORMAT", "sea/cut.png should be a whole picture"],
    ["evaluate runs/teacher text", 1, "DATA_MISSING", "it holds a/"],
  ])("limbeck %s", async (line, expected, code, message) => {
    const out = line.startsWith("train") ? " --out runs/refused" : "";
    const { code: got, stdout, stderr } = await limbeck(line + out);
    expect(stderr).toContain(`error ${code}: `);
    expect(stderr).toContain(message);
    expect([got, stdout]).toEqual([expected, ""]);
    expect(existsSync(join(cwd, "runs/refused"))).toBe(false);
  });

  test("broken pictures are left out if asked, and named", async () => {
    const { code, stderr } = await limbeck(
      `train broken --size 8 --skip-broken --epochs 1 ${small} --out runs/skipped`,
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("1 pictures cannot be read: left out");
    const evaluated = await limbeck("evaluate runs/teacher broken --skip-broken --engine reference");
    expect([evaluated.code, evaluated.stderr]).toEqual([0, expect.stringContaining("sea/cut.png")]);
    expect(evaluated.stdout).toContain("of 15 test images");
  });

  test("a folder that is called like a data set is not it, and that is said", async () => {
    const named = await limbeck(`train shapes --limit 8 --epochs 1 ${small} --out runs/named`);
    expect(named.stderr).toContain("shapes is taken as the data set of that name; for the folder here, write ./shapes");
    expect(json<Results>("runs/named/results.json").parameters).toEqual({ LightNN: 267_738 });
    const folder = await limbeck(`train ./shapes --size 8 --epochs 1 ${small} --out runs/folder`);
    expect(folder.code, folder.stderr).toBe(0);
    expect(json("runs/folder/config.json")).toMatchObject({ dataset: join(cwd, "shapes") });
  });
});
