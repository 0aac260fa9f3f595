/** @file ONNX files in onnxruntime-web, on one thread: in Node, and on a page in Chromium. */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { shapes } from "../../src/data/shapes.ts";
import { createModel } from "../../src/models/index.ts";
import { calibrate } from "../../src/ship/calibrate.ts";
import { exportOnnx, type OnnxPrecision } from "../../src/ship/export-onnx.ts";
import { serve } from "../browser/server.ts";
import { browserPath, openBrowser } from "../cli/browser.ts";
import { drawn, images } from "../inference/drawn.ts";
import { distance, oneThread, runtimeLogits } from "./written.ts";

const ort = await import("onnxruntime-web").catch(() => undefined);
const notInstalled = "onnxruntime-web is not installed";
const given = images(4, 3 * 32 * 32);

async function exported(name: string, precision: OnnxPrecision): Promise<Uint8Array<ArrayBuffer>> {
  const network = drawn(createModel(name));
  if (precision !== "int8") return exportOnnx(network, { precision });
  const engine = await oneThread();
  const calibration = await calibrate(network, { engine, dataset: shapes({ train: 4, test: 1 }) });
  await engine.close();
  return exportOnnx(network, { precision, calibration });
}

test.skipIf(!ort).each<[string, OnnxPrecision]>([
  ["LightNN", "float32"],
  ["LightNN", "float16"],
  ["LightNN", "int8"],
  ["resnet8", "int8"],
  ["ShuffleV2", "float32"],
])(`%s in %s gives onnxruntime-node's logits${ort ? "" : ` (skipped: ${notInstalled})`}`, async (name, precision) => {
  const file = await exported(name, precision);
  ort!.env.wasm.numThreads = 1;
  const session = await ort!.InferenceSession.create(file);
  const { logits } = await session.run({ pixel_values: new ort!.Tensor("float32", given, [4, 3, 32, 32]) });
  await session.release();
  const expected = await runtimeLogits(file, given, [3, 32, 32]);
  // In whole numbers, a sum that lies between two may be rounded to either, as the processor multiplies.
  expect(distance(logits!.data as Float32Array, expected)).toBeLessThan(precision === "int8" ? 0.02 : 1e-5);
});

const missing = [ort ? undefined : notInstalled, browserPath ? undefined : "no Chromium found, set CHROME_PATH"].find(
  (reason) => reason !== undefined,
);

describe.skipIf(missing !== undefined)(`in Chromium${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  test("a page that is not isolated runs a file in int8", async () => {
    const folder = await mkdtemp(join(tmpdir(), "limbeck-onnx-page-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = await exported("LightNN", "int8");
    const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
    for (const name of ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]) {
      await copyFile(join(runtime, name), join(folder, name));
    }
    await writeFile(join(folder, "model.onnx"), file);
    await writeFile(join(folder, "index.html"), `<script type="module" src="page.js"></script>`);
    const page = `import * as ort from "./ort.wasm.min.mjs";
      ort.env.wasm.numThreads = 1;
      const session = await ort.InferenceSession.create("model.onnx");
      globalThis.logits = async (images) => {
        const { logits } = await session.run({ pixel_values: new ort.Tensor("float32", Float32Array.from(images), [4, 3, 32, 32]) });
        return [...logits.data];
      };`;
    await writeFile(join(folder, "page.js"), page);
    const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    const server = await serve(folder, { isolated: false, policy });
    onTestFinished(() => server.close());
    const browser = await openBrowser();
    onTestFinished(() => browser.close());
    const tab = await browser.newPage();
    await tab.goto(`${server.origin}/`);
    await tab.waitForFunction(() => "logits" in globalThis);
    const found = await tab.evaluate(
      (images) => (globalThis as unknown as { logits(images: number[]): Promise<number[]> }).logits(images),
      [...given],
    );
    expect(distance(found, await runtimeLogits(file, given, [3, 32, 32]))).toBeLessThan(1e-5);
  });
});
