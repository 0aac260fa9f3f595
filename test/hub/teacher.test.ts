/** @file A teacher by its name on the hub, on the command line: it is the file's, with nothing else given; records and resuming know its commit. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiment/record.ts";
import { colourTeacher, preprocessing, teacherClasses } from "../cli/colour-teacher.ts";
import { limbeck as run, type Outcome } from "../cli/limbeck.ts";
import { writePhotos } from "../cli/write-photos.ts";
import { commitOf, servedHub, TOKEN, type HubFiles } from "./hub-server.ts";

const cwd = mkdtempSync(join(tmpdir(), "limbeck-hub-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const { mean, std, resize } = preprocessing;
const processor = {
  image_processor_type: "ViTImageProcessor",
  size: { height: resize, width: resize },
  resample: 2,
  image_mean: mean,
  image_std: std,
};
const files: HubFiles = {
  "config.json": JSON.stringify({ model_type: "vit", id2label: { ...teacherClasses } }),
  "onnx/model.onnx": colourTeacher({ metadata: {} }),
  "onnx/model_quantized.onnx": colourTeacher({ metadata: {}, factor: 2 }),
  "preprocessor_config.json": JSON.stringify(processor),
};
const settings = "--size 8 --student resnet8 --batch-size 16 --threads 1 --epochs 2";

const limbeck = (line: string, env: Readonly<Record<string, string>>): Promise<Outcome> =>
  run(line.split(" "), {
    cwd,
    env: { LIMBECK_CACHE: join(cwd, "cache"), HF_HOME: join(cwd, "home"), ...env },
  });
const read = (file: string): Buffer => readFileSync(join(cwd, file));
const record = (out: string): RunRecord => JSON.parse(String(read(`${out}/student/run.json`))) as RunRecord;

beforeAll(async () => {
  await writePhotos(join(cwd, "photos/train"), 12);
  await writePhotos(join(cwd, "photos/test"), 4, 1000);
  await mkdir(join(cwd, "flat"));
  writeFileSync(join(cwd, "flat/model.onnx"), files["onnx/model.onnx"]!);
  writeFileSync(join(cwd, "flat/names.json"), JSON.stringify(teacherClasses));
});

test("with nothing else given it judges, teaches and is recorded as the file with all its settings", async () => {
  const hub = await servedHub({ "somebody/colours": { revisions: { main: files }, access: "gated" } });
  const env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN };
  const byName = await limbeck(`distill ./photos --teacher hf:somebody/colours ${settings} --out runs/hub`, env);
  expect(byName.code, byName.stderr).toBe(0);
  expect(byName.stderr).toContain(
    `hf:somebody/colours is onnx/model.onnx of the commit ${commitOf(files).slice(0, 12)}`,
  );
  const options = `--teacher-option resize=20,20 --teacher-option interpolation=bilinear --teacher-option range=1 --teacher-option mean=${mean} --teacher-option std=${std}`;
  const byFile = await limbeck(
    `distill ./photos --teacher flat/model.onnx --teacher-labels flat/names.json ${options} ${settings} --out runs/file`,
    {},
  );
  expect(byFile.code, byFile.stderr).toBe(0);
  expect(byName.stdout).toMatch(/^Teacher +100\.00%/m);
  expect(read("runs/hub/student/model.safetensors")).toEqual(read("runs/file/student/model.safetensors"));
  const [ours] = record("runs/hub").teachers!;
  const [theirs] = record("runs/file").teachers!;
  expect(ours).toEqual({ ...theirs, file: "hf:somebody/colours", revision: commitOf(files) });
  expect(String(read("runs/hub/report.html"))).toContain(`hf:somebody/colours at the commit ${commitOf(files)}`);
  expect(hub.leaked).toEqual([]);
  for (const entry of readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()))
    expect(readFileSync(join(entry.parentPath, entry.name)).includes(TOKEN), entry.name).toBe(false);
  expect(byName.stdout + byName.stderr).not.toContain(TOKEN);
});

test("a precision is named after a colon, and what is not there is listed", async () => {
  const hub = await servedHub({ "somebody/colours": { revisions: { main: files } } });
  const env = { HF_ENDPOINT: hub.url };
  const distill = (teacher: string, out: string): Promise<Outcome> =>
    limbeck(`distill ./photos --teacher ${teacher} ${settings} --out runs/${out}`, env);
  const quantised = await distill("hf:somebody/colours@main:q8", "q8");
  expect(quantised.code, quantised.stderr).toBe(0);
  expect(quantised.stderr).toContain("is onnx/model_quantized.onnx of the commit");
  const absent = await distill("hf:somebody/colours:fp16", "fp16");
  expect(absent.code).toBe(1);
  expect(absent.stderr).toMatch(
    /hf:somebody\/colours should hold fp16; its ONNX files are: onnx\/model\.onnx, onnx\/model_quantized\.onnx/,
  );
  const other = await distill("hf:somebody/else", "else");
  expect(other.stderr).toMatch(/hf:somebody\/else is not on the hub, .*check its name/);
});

test("a resumed run keeps the commit that it was begun with, and offline", async () => {
  const hub = await servedHub({ "somebody/colours": { revisions: { main: files } } });
  const env = { HF_ENDPOINT: hub.url };
  const begun = await limbeck(
    `distill ./photos --teacher hf:somebody/colours ${settings} --extendable --out runs/on`,
    env,
  );
  expect(begun.code, begun.stderr).toBe(0);
  hub.repositories.set("somebody/colours", {
    revisions: { main: { ...files, "README.md": "new" }, old: files },
  });
  const resumed = await limbeck("distill --resume runs/on --epochs 3", env);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(record("runs/on").teachers![0]!.revision).toBe(commitOf(files));
  const offline = await limbeck("distill --resume runs/on --epochs 4", { HF_HUB_OFFLINE: "1" });
  expect(offline.code, offline.stderr).toBe(0);
  expect(offline.stderr).toContain("HF_HUB_OFFLINE is set, so its files in the cache are used");
});

test("in a study, it is the same teacher as a folder with the same files", async () => {
  const hub = await servedHub({ "somebody/colours": { revisions: { main: files } } });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(cwd, "repository/onnx"), { recursive: true });
    writeFileSync(join(cwd, "repository", name), content);
  }
  const teachers = { hub: "hf:somebody/colours", disk: "./repository" };
  for (const [name, teacher] of Object.entries(teachers)) {
    const recipe = { epochs: 1, batchSize: 16 };
    const described = {
      data: { dataset: "./photos", size: 8 },
      teachers: { teacher },
      students: "resnet8",
      methods: ["kd"],
      recipe,
      seeds: "1-2",
    };
    writeFileSync(join(cwd, `${name}.yaml`), JSON.stringify(described));
    const { code, stdout, stderr } = await limbeck(`study ${name}.yaml --out studies/${name}`, {
      HF_ENDPOINT: hub.url,
    });
    expect(code, stderr + stdout).toBe(0);
  }
  const runs = (name: string): readonly string[] => readdirSync(join(cwd, "studies", name, "runs")).sort();
  expect(runs("hub").length).toBeGreaterThan(0);
  expect(runs("hub")).toEqual(runs("disk"));
});
