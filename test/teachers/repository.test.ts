/** @file Repositories of models on the disk: which ONNX file is meant, and the files above it that describe it. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { wasmEngine } from "../../src/entries/index.ts";
import { hashTeacher, openTeacher } from "../../src/teachers/node/index.ts";
import { chosenFile, onnxFile } from "../../src/teachers/node/repository.ts";

const network = fileURLToPath(new URL("../../src/onnx/golden/resnet-norms.onnx", import.meta.url));

test("a repository's files lie above its folder onnx, and the folder itself can be named", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const at = await mkdtemp(join(tmpdir(), "limbeck-repository-"));
  onTestFinished(async () => {
    await engine.close();
    await rm(at, { recursive: true });
  });
  await mkdir(join(at, "onnx"));
  for (const name of ["model", "model_fp16", "decoder"]) await copyFile(network, join(at, `onnx/${name}.onnx`));
  const preprocessor = {
    do_resize: true,
    size: { height: 32, width: 32 },
    resample: 2,
    image_mean: [0, 0, 0],
    image_std: [1, 1, 1],
  };
  await writeFile(join(at, "preprocessor_config.json"), JSON.stringify(preprocessor));
  await writeFile(join(at, "config.json"), JSON.stringify({ id2label: { 0: "a", 1: "b", 2: "c", 3: "d" } }));
  const hash = await hashTeacher(at);
  for (const path of [at, join(at, "onnx/model.onnx"), join(at, "onnx/decoder.onnx")]) {
    const { preprocessing, classNames } = await openTeacher(path, { engine });
    expect(preprocessing).toMatchObject({ resize: [32, 32], interpolation: "bilinear", range: 1 });
    expect(classNames).toEqual(["a", "b", "c", "d"]);
    expect(await hashTeacher(path)).toBe(hash);
  }
  await writeFile(join(at, "onnx/config.json"), JSON.stringify({ id2label: { 0: "e", 1: "f", 2: "g", 3: "h" } }));
  expect((await openTeacher(at, { engine })).classNames).toEqual(["e", "f", "g", "h"]);
  expect(await hashTeacher(at)).not.toBe(hash);
  await rm(join(at, "onnx/model.onnx"));
  expect(onnxFile(at)).toBe(join(at, "onnx/model_fp16.onnx"));
  await writeFile(join(at, "run.json"), "{}"); // a run's folder is none
  expect(onnxFile(at)).toBe(at);
});

test.each([
  [undefined, "onnx/model_fp16.onnx"],
  ["q8", "onnx/model_quantized.onnx"],
  ["other.onnx", "other.onnx"],
])("of several files, %s is %s", (wanted, file) => {
  const files = ["other.onnx", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx", "config.json"];
  expect(chosenFile(files, "somebody/colours", wanted)).toBe(file);
});

test.each([
  [["a.onnx", "b.onnx"], undefined, "ARGUMENT", /should hold an ONNX file.*ONNX files are: a\.onnx, b\.onnx; name one/],
  [["README.md"], undefined, "DATA_MISSING", /ONNX files are: none, but README\.md/],
  [["a.onnx"], "fp16", "DATA_MISSING", /should hold fp16; its ONNX files are: a\.onnx/],
] as const)("of %j, %s is refused", (files, wanted, code, text) => {
  const act = (): string => chosenFile(files, "somebody/colours", wanted);
  expect(act).toThrow(text);
  expect(act).toThrow(expect.objectContaining({ code }));
});
