/** @file Classifiers of a hub, each with its image processor's file, judged on a folder of pictures: they give the classes that PyTorch gives after torchvision's transforms. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import golden from "../../src/teachers/image-processors.golden.json" with { type: "json" };
import type { RunRecord } from "../../src/experiment/record.ts";
import { limbeck } from "../cli/limbeck.ts";
import { temporaryFolder } from "../data/archive-server.ts";
import { onnxFile } from "../onnx/onnx-file.ts";
import { servedHub } from "./hub-server.ts";

/** As image-processors.golden.py makes it. */
function noise(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The golden file's network, whose numbers lie in a file beside it. */
function linear(): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const bytes = noise(9 * 1024, 1000);
  const weights = new Float32Array(bytes.length);
  for (let row = 0; row < 9; row++) {
    const part = bytes.subarray(row * 1024, (row + 1) * 1024);
    const mean = part.reduce((sum, each) => sum + each, 0) / 1024;
    for (const [i, each] of part.entries()) weights[row * 1024 + i] = each - mean;
  }
  const model = onnxFile({
    nodes: [
      ["Flatten", ["pixel_values"], ["flat"]],
      ["Gemm", ["flat", "weight"], ["logits"], { transB: 1 }],
    ],
    constants: { weight: { dims: [3, 3072], values: [], external: { location: "model.onnx_data" } } },
    inputs: { pixel_values: ["n", 3, "height", "width"] },
    outputs: ["logits"],
  });
  return { model, data: new Uint8Array(weights.buffer) };
}

const config = JSON.stringify({ id2label: { 0: "a", 1: "b", 2: "c" } });
const classes = ["a", "b", "c"];

/** The teacher's accuracy on PyTorch's classes of `name`, in percent, in its run's record. */
async function judged(name: keyof typeof golden.judged, preprocessor: object): Promise<RunRecord> {
  const cwd = await temporaryFolder();
  for (const [i, label] of golden.judged[name].entries()) {
    const [width, height] = [24 + 7 * (i % 5), 20 + 9 * (i % 4)];
    const pixels = noise(width * height * 3, i);
    const path = join(cwd, i % 2 === 0 ? "pictures/train" : "pictures/test", classes[label]!);
    await mkdir(path, { recursive: true });
    await writeFile(
      join(path, `${i}.png`),
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
  }
  const { model, data } = linear();
  const isTimm = "pretrained_cfg" in preprocessor;
  const described = isTimm
    ? { "config.json": JSON.stringify({ ...preprocessor, label_names: classes }) }
    : { "config.json": config, "preprocessor_config.json": JSON.stringify(preprocessor) };
  const hub = await servedHub({
    "somebody/noise": { revisions: { main: { "onnx/model.onnx": model, "onnx/model.onnx_data": data, ...described } } },
  });
  const line =
    "distill ./pictures --teacher hf:somebody/noise --student resnet8 --size 8 --epochs 1 --threads 1 --force --out runs/a";
  const env = { HF_ENDPOINT: hub.url, HF_HOME: join(cwd, "home"), LIMBECK_CACHE: join(cwd, "cache") };
  const { code, stderr } = await limbeck(line.split(" "), { cwd, env });
  expect(code, stderr).toBe(0);
  return JSON.parse(await readFile(join(cwd, "runs/a/teacher/run.json"), "utf8")) as RunRecord;
}

const fileOf = (name: string): object => golden.cases.find((each) => each.name === name)!.file;

test.each(Object.keys(golden.judged) as (keyof typeof golden.judged)[])("%s", async (name) => {
  expect((await judged(name, fileOf(name))).test).toMatchObject({ accuracy: 100, count: 15 });
});

test("another processor shows in the accuracy", async () => {
  const { test: tested } = await judged("CLIP", fileOf("ViT"));
  expect(tested.accuracy).toBeLessThan(80);
});
