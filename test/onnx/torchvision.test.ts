/** @file torchvision's networks in their own size, imported or run. The files are made by src/onnx/torchvision.golden.py in a folder that LIMBECK_ONNX names. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { wasmEngine } from "../../src/entries/index.ts";
import { openTeacher } from "../../src/teachers/node/open.ts";

const folder = process.env["LIMBECK_ONNX"];
const title = "torchvision's networks";
const reason = "(skipped: LIMBECK_ONNX names no folder with the files of torchvision.golden.py)";

describe.skipIf(!folder)(folder ? title : `${title} ${reason}`, () => {
  test.each([
    ["resnet18", "import"],
    ["resnet18", "onnxruntime"],
    ["mobilenet_v2", "import"],
    ["mobilenet_v2", "onnxruntime"],
    ["vit_b_16", "import"],
    ["vit_b_16", "onnxruntime"],
  ] as const)("logits of %s are within 1e-4 of PyTorch's: %s", { timeout: 300_000 }, async (name, runner) => {
    const golden = JSON.parse(await readFile(join(folder!, "golden.json"), "utf8")) as Record<string, number[][]>;
    const engine = await wasmEngine({ threads: 1 });
    const preprocessing = {
      resize: [224, 224],
      interpolation: "bilinear",
      range: 1,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    } as const;
    const teacher = await openTeacher(join(folder!, `${name}.onnx`), { engine, preprocessing, runner });
    expect(teacher.runner).toBe(runner);
    const pixels = Uint8Array.from({ length: 2 * 3 * 224 * 224 }, (_, i) => (i * 37) % 256);
    const { logits } = await teacher.outputs(pixels, 2);
    const expected = golden[name]!.flat();
    expect(logits!.length).toBe(expected.length);
    const furthest = Math.max(...expected.map((value, i) => Math.abs(value - logits![i]!)));
    expect(furthest).toBeLessThan(1e-4);
    await teacher.close();
    await engine.close();
  });
});
