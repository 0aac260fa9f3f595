/** @file What an export is checked for, and what is left of one that fails. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { shapes } from "../../src/data/shapes.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { createModel } from "../../src/models/index.ts";
import { calibrate } from "../../src/ship/calibrate.ts";
import { card } from "../../src/ship/card.ts";
import { checking, noiseImages, someOf, type Check, type CheckImages } from "../../src/ship/check.ts";
import type { ShippedDescription } from "../../src/ship/description.ts";
import type { Measure, OpenedStudent } from "../../src/ship/format.ts";
import { exporting, type ExportOptions } from "../../src/ship/node/export.ts";
import { newFolder } from "../../src/ship/node/new-folder.ts";
import { formats } from "../../src/ship/node/formats.ts";
import { onnx, openImported } from "../../src/ship/node/onnx-format.ts";
import { web } from "../../src/ship/node/web-format.ts";
import { result } from "../../src/train/events.ts";
import { drawn } from "../inference/drawn.ts";
import { written } from "./students.ts";

const engine = await wasmEngine({ threads: 1 });
afterAll(() => engine.close());

const { test: split, mean, std, classes } = shapes({ train: 1, test: 40 });
const images: CheckImages = { split, source: "held-out images of shapes", labelledBy: "people" };
const description: ShippedDescription = {
  name: "LightNN",
  inputShape: [3, 32, 32],
  classes: 10,
  classNames: classes,
  normalisation: { mean, std },
};
const [network, other] = [1, 2].map((seed) => drawn(createModel("LightNN"), seed)) as [
  NetworkWithValues,
  NetworkWithValues,
];

async function opened(of: NetworkWithValues, how: ShippedDescription = description): Promise<OpenedStudent> {
  return web.open(await written(await web.make(of, how, { precision: "float32" })), description);
}

function checked(
  student: OpenedStudent,
  more: Partial<{ bound: number; measure: Measure; images: CheckImages; batch: number }> = {},
): Promise<Check> {
  return result(checking({ engine, network, description, student, images, batch: 1, bound: 1e-4, ...more }));
}

test("a student of the network passes, and both are as often right", async () => {
  const { images, difference, agreement, accuracy, classes: byClass } = await checked(await opened(network));
  expect([images, agreement]).toEqual([40, 100]);
  expect(difference).toBeLessThan(1e-5);
  expect(accuracy!.after).toBe(accuracy!.before);
  expect(byClass!.map(({ images }) => images)).toEqual(
    classes.map((_, i) => split.labels.filter((l) => l === i).length),
  );
  expect((100 * byClass!.reduce((sum, { right }) => sum + right, 0)) / 40).toBeCloseTo(accuracy!.after, 9);
});

test.each<[string, () => Promise<OpenedStudent>]>([
  ["of other weights", () => opened(other)],
  [
    "whose images are normalised otherwise",
    () => opened(network, { ...description, normalisation: { mean, std: [0.2, 0.25, 0.25] } }),
  ],
])("a student %s does not", async (_, student) => {
  await expect(checked(await student())).rejects.toMatchObject({ code: "EXPORT" });
  const { difference, agreement } = await checked(await student(), { bound: Infinity });
  expect(difference).toBeGreaterThan(1e-3);
  expect(agreement).toBeLessThanOrEqual(100);
});

test.each(["float32", "float16"])(
  "an ONNX file of the network passes in %s, by ONNX Runtime and read back",
  async (precision) => {
    const files = await onnx.make(network, description, { precision });
    const bound = formats.onnx.precisions[precision as "float32"].bound;
    const inRuntime = await onnx.open(await written(files), description);
    const readBack = await openImported(files.get("model.onnx")!, description);
    expect([inRuntime.runner, readBack.runner]).toEqual([
      "onnxruntime-node",
      expect.stringContaining("reader of ONNX"),
    ]);
    for (const student of [inRuntime, readBack]) {
      for (const batch of [1, 32]) {
        const { agreement, difference } = await checked(student, { bound, batch });
        expect(agreement).toBeGreaterThanOrEqual(precision === "float16" ? 95 : 100);
        expect(difference > 1e-5).toBe(precision === "float16");
      }
      await student.close();
    }
    const wrong = await onnx.open(await written(await onnx.make(other, description, { precision })), description);
    await expect(checked(wrong, { bound, batch: 32 })).rejects.toMatchObject({ code: "EXPORT" });
    await wrong.close();
  },
);

test("an ONNX file in whole numbers passes, by ONNX Runtime and read back", async () => {
  const dataset = shapes({ train: 32, test: 1 });
  const calibration = await calibrate(network, { engine, dataset });
  const files = await onnx.make(network, description, { precision: "int8", calibration });
  const { int8 } = formats.onnx.precisions;
  for (const student of [
    await onnx.open(await written(files), description),
    await openImported(files.get("model.onnx")!, description),
  ]) {
    expect((await checked(student, int8)).agreement).toBeGreaterThan(80);
    await student.close();
  }
});

test("whole numbers go by the mean of all differences: one image that is far off passes, a student of other weights does not", async () => {
  const { bound, measure } = formats.web.precisions.int8;
  const student = await opened(network);
  let asked = 0;
  const logits = async (given: readonly Uint8Array[]): Promise<Float32Array> => {
    const found = await student.logits(given);
    // The first image's are three times too large.
    return asked++ === 0 ? found.map((logit) => 3 * logit) : found;
  };
  const { difference, meanDifference } = await checked({ ...student, logits }, { bound, measure });
  expect(difference).toBeGreaterThan(1);
  expect(meanDifference).toBeLessThan(bound);
  asked = 0;
  await expect(checked({ ...student, logits }, { bound })).rejects.toMatchObject({ code: "EXPORT" });
  await expect(checked(await opened(other), { bound, measure })).rejects.toMatchObject({ code: "EXPORT" });
});

test("where there are no images, noise is taken, whose classes nobody knows", async () => {
  const check = await checked(await opened(network), { images: noiseImages([3, 32, 32]) });
  expect(check).toEqual({
    images: 64,
    source: "images of noise",
    difference: expect.any(Number),
    meanDifference: expect.any(Number),
    agreement: 100,
  });
});

test("some of the images are taken evenly, with their labels", () => {
  const some = someOf(images, 7);
  expect(some.split.count).toBe(7);
  for (const [i, at] of [0, 5, 11, 17, 22, 28, 34].entries()) {
    expect(some.split.labels[i]).toBe(split.labels[at]);
    expect(some.split.image(i)).toEqual(split.image(at));
  }
  expect(someOf(images, 40)).toBe(images);
});

describe("a folder is there whole or not at all", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "limbeck-folder-"));
    const made = root;
    onTestFinished(() => rm(made, { recursive: true }));
  });

  const options = (): ExportOptions => ({
    network,
    description,
    format: "web",
    precision: "float32",
    out: join(root, "out"),
    replace: false,
    origin: { weights: "0".repeat(64), training: [["Method", "a | b\n<script>"]] },
    images,
    machine: "here",
    runtime: "Node",
    startEngine: () => wasmEngine({ threads: 1 }),
  });

  test("one that is stopped while it is checked is gone", async () => {
    const stop = new AbortController();
    const steps: string[] = [];
    const work = async (): Promise<void> => {
      for await (const { step } of exporting({ ...options(), images: noiseImages([3, 32, 32]), signal: stop.signal })) {
        steps.push(step);
        if (step === "checking") stop.abort();
      }
    };
    await expect(work()).rejects.toMatchObject({ code: "ABORTED" });
    expect(new Set(steps)).toEqual(new Set(["making", "timing", "checking"]));
    expect(await readdir(root)).toEqual([]);
  });

  test("one that is left in the middle is gone", async () => {
    for await (const { step } of exporting(options())) if (step === "timing") break;
    expect(await readdir(root)).toEqual([]);
  });

  test("one whose engine does not start is gone", async () => {
    const startEngine = (): Promise<never> => Promise.reject(new Error("no engine"));
    await expect(result(exporting({ ...options(), startEngine }))).rejects.toThrow("no engine");
    expect(await readdir(root)).toEqual([]);
  });

  test("where something has been put meanwhile, nothing is overwritten", async () => {
    const begun = await newFolder(join(root, "out"), { replace: false, mark: "student.json" });
    await writeFile(join(begun.work, "student.json"), "new");
    await mkdir(join(root, "out"));
    await writeFile(join(root, "out/mine"), "mine");
    await expect(begun.complete()).rejects.toMatchObject({ code: "OUTPUT" });
    await begun.discard();
    expect(await readdir(root)).toEqual(["out"]);
    expect(await readFile(join(root, "out/mine"), "utf8")).toBe("mine");
  });

  test("its card shows words as they are", async () => {
    const record = await result(exporting(options()));
    const text = await readFile(join(root, "out/card.md"), "utf8");
    expect(text).toBe(card(record, web.usage));
    expect(text).toContain(String.raw`| Method | a \| b \<script\> |`);
    expect(JSON.parse(await readFile(join(root, "out/student.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(record)),
    );
  });
});
