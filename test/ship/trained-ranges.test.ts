/** @file A student that was trained for int8: its ranges in its file, and an export that goes by them. */
import { gatherImages, normaliser } from "../../src/data/loader.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import { createTrainer } from "../../src/experiment/trainer.ts";
import { loadModel, readNetwork, type ReadNetwork } from "../../src/model-file/index.ts";
import { calibrate } from "../../src/ship/calibrate.ts";
import { exportOnnx } from "../../src/ship/export-onnx.ts";
import { quantise } from "../../src/ship/quantise.ts";
import { trainedCalibration } from "../../src/ship/trained-calibration.ts";
import type { TrainedRanges } from "../../src/train/quantise/ranges.ts";
import { roundedModel } from "../../src/train/quantise/rounding.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/index.ts";
import { shapes } from "../../src/data/shapes.ts";
import { interpret } from "./interpreter.ts";
import { distance, engineLogits, runtimeLogits } from "./written.ts";

const dataset = shapes({ train: 160, test: 10 });
const count = 10;
const images = new Float32Array(count * 3 * 32 * 32);
gatherImages(
  dataset.test,
  dataset.shape,
  normaliser(dataset),
  Int32Array.from({ length: count }, (_, i) => i),
  { from: 0, to: count },
  images,
);
let engine: WasmEngine;
let bytes: Uint8Array<ArrayBuffer>;
let network: ReadNetwork;

beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
  const trainer = await createTrainer({ dataset, engine, epochs: 3, batchSize: 32, learningRate: 0.003 });
  // Ranges that move by a hundredth a step are not those of all images.
  bytes = await trainer.save(
    await trainer.train("resnet8", { quantize: "int8", quantizeEpochs: 2, quantizeFor: "onnx" }),
  );
  network = await readNetwork(bytes);
});
afterAll(() => engine.close());

test("the file has the ranges, under the names of its layers, and is a weights file as any other", async () => {
  const { int8 } = network.model.description!;
  expect(int8!.top).toBe(255);
  expect(int8!.ranges.slice(0, 3).map(({ place }) => place)).toEqual(["images", "conv1", "layer1.0.conv1"]);
  expect(int8!.ranges.every(({ least, most }) => Number.isFinite(least) && least <= most)).toBe(true);
  const loaded = await loadModel(bytes, engine);
  expect([...readSafetensors(bytes, "file").tensors.keys()].filter((name) => /range|int8/.test(name))).toEqual([]);
  await loaded.close();
});

test("int8 goes by them: scales and zero points are theirs", () => {
  const { int8 } = network.model.description!;
  const { layers } = quantise(network, trainedCalibration(network)!);
  const [first, second] = layers;
  for (const [layer, { least, most }] of [
    [first, int8!.ranges[0]!],
    [second!, int8!.ranges[1]!],
  ] as const) {
    const scale = (Math.max(most, 0) - Math.min(least, 0)) / 255;
    expect(layer.quantisation.scale).toBeCloseTo(scale, 6);
    expect(layer.quantisation.zero).toBe(Math.abs(Math.round(Math.min(least, 0) / scale)));
  }
});

test("an export's logits are nearer to the network as it was trained, rounded, than a calibrated one's", async () => {
  const { model, values } = network;
  const trained = await engineLogits(engine, { model: roundedModel(model, model.description!.int8!), values }, images);
  const float = await engineLogits(engine, network, images);
  const calibration = await calibrate(network, { engine, dataset });
  const options = { graphOptimizationLevel: "disabled" } as const;
  const learnt = await runtimeLogits(exportOnnx(network, { precision: "int8" }), images, [3, 32, 32], options);
  const seen = await runtimeLogits(
    exportOnnx(network, { precision: "int8", calibration }),
    images,
    [3, 32, 32],
    options,
  );
  expect(distance(learnt, trained)).toBeLessThan(distance(seen, trained));
  expect(distance(float, trained)).toBeGreaterThan(distance(learnt, trained));
});

test("for the web too: as the rounded network of 127 steps", async () => {
  const { model, values } = network;
  const int8 = { ...model.description!.int8!, top: 127 };
  const trained = await engineLogits(engine, { model: roundedModel(model, int8), values }, images);
  const student = quantise(network, trainedCalibration(network)!, { top: 127 });
  const got = Array.from({ length: 2 }, (_, i) => [...interpret(student, images.subarray(i * 3072, (i + 1) * 3072))]);
  expect(distance(got.flat(), trained.subarray(0, 20))).toBeLessThan(0.2);
});

describe("refused", () => {
  const withRanges = (change: (int8: TrainedRanges) => unknown): Uint8Array => {
    const { tensors, metadata } = readSafetensors(bytes, "file");
    const description = JSON.parse(metadata["limbeck"]!);
    return writeSafetensors(tensors, {
      ...metadata,
      limbeck: JSON.stringify({ ...description, int8: change(description.int8) }),
    });
  };
  test.each([
    [
      "one too few",
      (int8: TrainedRanges) => ({ ...int8, ranges: int8.ranges.slice(1) }),
      "should be those of its 14 layers, got 13",
    ],
    [
      "of a layer of another name",
      (int8: TrainedRanges) => ({ ...int8, ranges: int8.ranges.map((range) => ({ ...range, place: "fc" })) }),
      "for images those of fc",
    ],
    [
      "turned over",
      (int8: TrainedRanges) => ({ ...int8, ranges: int8.ranges.map((range) => ({ ...range, least: 9, most: 8 })) }),
      "calibrate it",
    ],
  ])("ranges, %s", async (_, change, message) => {
    const damaged = await readNetwork(withRanges(change));
    expect(() => exportOnnx(damaged, { precision: "int8" })).toThrow(
      expect.objectContaining({ code: "WEIGHTS", message: expect.stringContaining(message) }),
    );
  });
  test.each([
    [
      "another number of steps",
      (int8: TrainedRanges) => ({ ...int8, top: 128 }),
      "int8: top: expected 127 or 255, got 128",
    ],
    [
      "no number",
      (int8: TrainedRanges) => ({ ...int8, ranges: [{ place: "images", least: "0", most: 1 }] }),
      "int8: ranges: 0: least: expected a number",
    ],
  ])("a file with %s", async (_, change, message) => {
    await expect(readNetwork(withRanges(change))).rejects.toMatchObject({
      code: "WEIGHTS",
      message: expect.stringContaining(message),
    });
  });
});
