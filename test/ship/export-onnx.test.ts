/** @file Networks as ONNX files: run by ONNX Runtime, and opened again, they give their own logits. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WasmEngine } from "../../src/engine/wasm/index.ts";
import { createModel } from "../../src/models/index.ts";
import { importOnnx } from "../../src/onnx/index.ts";
import { readOnnx } from "../../src/onnx/model-proto.ts";
import { exportOnnx } from "../../src/ship/export-onnx.ts";
import type { OnnxDescription } from "../../src/ship/onnx/metadata.ts";
import {
  mean,
  sizeOf,
  sub,
  flatten,
  slice,
  batchMoments,
  batchNormTrain,
  broadcastTo,
  constant,
  reshape,
  type Tensor,
} from "../../src/tensor/index.ts";
import { openTeacher } from "../../src/teachers/node/open.ts";
import { drawn, images } from "../inference/drawn.ts";
import { tried } from "../models/tried.ts";
import { graphs } from "./checked-networks.ts";
import { ownNetworks } from "./own-networks.ts";
import { distance, engineLogits, oneThread, runtimeLogits } from "./written.ts";
import golden from "./onnx-checker.golden.json" with { type: "json" };

let engine: WasmEngine;
let folder: string;
beforeAll(async () => {
  engine = await oneThread();
  folder = await mkdtemp(join(tmpdir(), "limbeck-export-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

test.each(tried)("%s gives its logits in ONNX Runtime, for any batch", { timeout: 120_000 }, async (name) => {
  const network = drawn(createModel(name, { inputShape: [3, 32, 32] }));
  const given = images(2, 3072);
  const expected = await engineLogits(engine, network, given);
  const bytes = exportOnnx(network);
  expect(distance(await runtimeLogits(bytes, given, [3, 32, 32]), expected)).toBeLessThan(3e-5);
  expect(
    distance(await runtimeLogits(bytes, given.subarray(0, 3072), [3, 32, 32]), expected.subarray(0, 10)),
  ).toBeLessThan(3e-5);
});

const several = ["LightNN", "resnet8", "wrn_16_1", "MobileNetV2", "ShuffleV1", "ShuffleV2"];

test.each(several)("%s with weights of float16 takes half the bytes", async (name) => {
  const network = drawn(createModel(name));
  const given = images(2, 3072);
  const expected = await engineLogits(engine, network, given);
  const [whole, half] = [exportOnnx(network), exportOnnx(network, { precision: "float16" })];
  expect(half.length / whole.length).toBeLessThan(0.52);
  const got = await runtimeLogits(half, given, [3, 32, 32]);
  expect(distance(got, expected)).toBeLessThan(5e-3);
  expect(distance(got, expected)).toBeGreaterThan(1e-5);
});

describe("opened again", () => {
  test.each(several.flatMap((name) => [[name, "float32"] as const, [name, "float16"] as const]))(
    "%s, %s",
    async (name, precision) => {
      const network = drawn(createModel(name));
      const given = images(3, 3072);
      const bytes = exportOnnx(network, { precision });
      const imported = importOnnx(bytes);
      expect(imported.model.inputShape).toEqual([3, 32, 32]);
      expect(imported.model.features?.length).toBeGreaterThan(2);
      const got = await engineLogits(engine, imported, given);
      expect(distance(got, await runtimeLogits(bytes, given, [3, 32, 32]))).toBeLessThan(1e-5);
    },
  );

  test("a student is a teacher that needs nothing said", async () => {
    const network = drawn(createModel("LightNN", { classes: 3 }));
    const path = join(folder, "student.onnx");
    const normalisation = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
    const preparation = { resize: 40, exif: true };
    const classNames = ["cat", 'a "dog"', "jack-o'-lantern"];
    await writeFile(path, exportOnnx(network, { description: { classNames, normalisation, preparation } }));
    const teacher = await openTeacher(path, { engine });
    expect(teacher.classNames).toEqual(classNames);
    expect(teacher.preprocessing).toEqual({
      inputShape: [3, 32, 32],
      resize: 40,
      interpolation: "bilinear",
      range: 1,
      channelOrder: "RGB",
      ...normalisation,
    });
    expect([teacher.runner, teacher.leftOut]).toEqual(["import", []]);

    const described = {
      ...network,
      model: { ...network.model, description: { name: "LightNN", inputShape: [3, 32, 32], classes: 3, classNames } },
    };
    expect(readOnnx(exportOnnx(described)).metadata.get("classes")).toBe(JSON.stringify(classNames));
  });

  test("what is not known is not said", () => {
    const { metadata, producer } = readOnnx(exportOnnx(drawn(createModel("LightNN"))));
    expect([...metadata.keys()]).toEqual(["preprocessing"]);
    expect(JSON.parse(metadata.get("preprocessing")!)).toEqual({
      inputShape: [3, 32, 32],
      resize: 32,
      interpolation: "bilinear",
    });
    expect(producer).toBe("limbeck");
  });
});

describe("a network of one's own", () => {
  test.each(Object.entries(ownNetworks))("%s", async (_, network) => {
    const { inputShape } = network.model;
    for (const batch of [1, 4]) {
      const given = images(batch, sizeOf(inputShape));
      const expected = await engineLogits(engine, network, given);
      const got = await runtimeLogits(exportOnnx(network), given, inputShape);
      expect(distance(got, expected)).toBeLessThan(1e-5);
    }
  });

  const refusal = (forward: (x: Tensor) => Tensor): (() => unknown) => {
    const model = { name: "own", module: { forward }, inputShape: [3, 8, 8], classes: 3 } as const;
    return () => exportOnnx({ model, values: new Map() });
  };

  test.each<[string, (x: Tensor) => Tensor, RegExp]>([
    [
      "a mean over the batch",
      (x) => slice(flatten(sub(x, mean(x, { axes: [0], keepDims: true }))), { axis: 1, to: 3 }),
      /^own records another graph, or other numbers in it, for 5 images than for 3/,
    ],
    [
      "images taken out of the batch",
      (x) => reshape(slice(x, { axis: 0, from: x.shape[0]! - 1 }), [3, 64]),
      /slice is another for another batch/,
    ],
    [
      "a norm by the batch",
      (x) =>
        slice(
          flatten(
            batchNormTrain(x, batchMoments(x), {
              weight: broadcastTo(constant(1), [3]),
              bias: broadcastTo(constant(0), [3]),
              eps: 1e-5,
            }),
          ),
          { axis: 1, to: 3 },
        ),
      /^batchMoments cannot be written as ONNX/,
    ],
  ])("%s is refused", (_, forward, message) => {
    expect(refusal(forward)).toThrow(message);
  });
});

describe("weights that cannot be written", () => {
  const spoilt = (value: number) => {
    const network = drawn(createModel("LightNN"));
    const [first] = network.values.values();
    first![5] = value;
    return network;
  };

  test("numbers that are not finite are refused by their name", () => {
    expect(() => exportOnnx(spoilt(NaN))).toThrow(/^features\.0\.weight holds numbers that are not finite/);
    expect(() => exportOnnx(spoilt(Infinity))).toThrow(/^features\.0\.weight holds numbers that are not finite/);
  });

  test("numbers that float16 has not are refused", () => {
    expect(() => exportOnnx(spoilt(7e4), { precision: "float16" })).toThrow(
      /^float16 holds numbers up to 65504, got 70000/,
    );
    expect(exportOnnx(spoilt(7e4)).length).toBeGreaterThan(1e6);
  });

  test("names that are not one a class, and logits of another number, are refused", () => {
    const network = drawn(createModel("LightNN", { classes: 3 }));
    const describing = (description: OnnxDescription) => () => exportOnnx(network, { description });
    expect(describing({ classNames: ["a"] })).toThrow("exportOnnx: the names of classes of LightNN should be 3, got 1");
    expect(describing({ normalisation: { mean: [0, 0, 0], std: [1] } })).toThrow(
      "the deviations of LightNN should be 3, got 1",
    );
    const other = { ...network, model: { ...network.model, classes: 4 } };
    expect(() => exportOnnx(other)).toThrow("LightNN should give [N, 4] logits, got [5, 3] of 5 images");
  });

  test("a precision that is not known is told of", () => {
    expect(() => exportOnnx(spoilt(1), { precision: "float61" as never })).toThrow(
      /^unknown precision "float61"; did you mean float\d\d\? Known: float32, float16, int8$/,
    );
  });
});

test("ONNX's own checker has seen graphs of this structure; after a change, run onnx-checker.golden.py again", () => {
  expect(Object.fromEntries(graphs().map(({ name, structure }) => [name, structure]))).toEqual(golden.structures);
});
