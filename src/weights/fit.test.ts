import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createModel } from "../models/index.ts";
import { initialise, namedParameters, norm } from "../nn/index.ts";
import { torchRandom } from "../random/index.ts";
import {
  droppedPrefix,
  fitWeights,
  modelTensors,
  readSafetensors,
  weightsFileBytes,
  writeSafetensors,
} from "./index.ts";

const model = createModel("LightNN");
const values = initialise(model.module, torchRandom(42));
const teacher = new URL("../../test/golden/teacher.safetensors.gz", import.meta.url);

test("a model's weights come back from a file, parameter by parameter", () => {
  const file = writeSafetensors(modelTensors(model, values));
  expect(fitWeights(model, readSafetensors(file).tensors)).toEqual(values);
});

test("a model's file is as long as is said beforehand", () => {
  expect(weightsFileBytes(model)).toBe(writeSafetensors(modelTensors(model, values)).length);
});

test("a file of a second instance fits the first: names count, not objects", () => {
  const other = createModel("LightNN");
  const fitted = fitWeights(other, modelTensors(model, values));
  expect([...fitted.values()]).toEqual([...values.values()]);
  expect([...fitted.keys()]).toEqual([...namedParameters(other.module).values()].map(({ tensor }) => tensor));
});

test("every tensor that is missing, unexpected or of the wrong shape is listed in one error", () => {
  const tensors = modelTensors(model, values);
  tensors.delete("features.0.bias");
  tensors.set("classifier.3.weight", { shape: [100, 256], values: new Float32Array(25_600) });
  tensors.set("regressor.0.weight", { shape: [1], values: new Float32Array(1) });
  expect(() => fitWeights(model, tensors, "student.safetensors")).toThrow(
    expect.objectContaining({
      code: "WEIGHTS",
      message: `student.safetensors should hold the 8 tensors of LightNN with 10 classes:
  missing: features.0.bias [16]
  wrong shape: classifier.3.weight should be [10, 256], got [100, 256]
  unexpected: regressor.0.weight [1]
Give a file that was saved from this model with as many classes, or choose the model that the file was saved from.`,
    }),
  );
});

test("a file holds running averages too, and may hold PyTorch's count of batches, which nothing needs", () => {
  const normalised = createModel("resnet8");
  const drawn = initialise(normalised.module, torchRandom(1));
  const tensors = modelTensors(normalised, drawn);
  expect([...tensors.keys()].slice(1, 5)).toEqual(["bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"]);
  tensors.set("bn1.num_batches_tracked", { shape: [], values: Float32Array.of(3) });
  expect(fitWeights(normalised, tensors)).toEqual(drawn);
  tensors.delete("bn1.running_var");
  expect(() => fitWeights(normalised, tensors)).toThrow(/missing: bn1\.running_var \[16\]/);
});

describe("names behind a prefix", () => {
  const own = modelTensors(model, values);
  const behind = (...prefixes: string[]) =>
    new Map(prefixes.flatMap((prefix) => [...own].map(([name, tensor]) => [prefix + name, tensor] as const)));

  test.each(["module.", "model.", "state_dict.model.", "my net."])("%s is dropped, where all have it", (prefix) => {
    expect(fitWeights(model, behind(prefix))).toEqual(values);
    expect(droppedPrefix(model, behind(prefix))).toBe(prefix);
    expect(droppedPrefix(model, own)).toBe("");
  });

  test("what lies beside is listed under its whole name, and a count of batches is not", () => {
    const tensors = behind("model.");
    tensors.set("criterion.weight", { shape: [10], values: new Float32Array(10) });
    tensors.set("model.bn.num_batches_tracked", { shape: [], values: new Float32Array(1) });
    expect(() => fitWeights(model, tensors)).toThrow(
      expect.objectContaining({
        code: "WEIGHTS",
        message: expect.stringMatching(/classes:\n {2}unexpected: criterion\.weight \[10\]\nGive/),
      }),
    );
  });

  test("a wrong shape is told of the tensor behind the prefix", () => {
    const tensors = behind("model.");
    tensors.set("model.classifier.3.weight", { shape: [100, 256], values: new Float32Array(25_600) });
    expect(() => fitWeights(model, tensors)).toThrow(/classes:\n {2}wrong shape: classifier\.3\.weight should.*\nGive/);
  });

  test("two networks in one file are refused, as are tensors that have it only in part", () => {
    expect(() => fitWeights(model, behind("model.", "ema."), "both.safetensors")).toThrow(
      "both.safetensors should hold LightNN once, but holds one under each of model., ema.; save one of them alone",
    );
    const some = behind("model.");
    some.set("features.0.bias", some.get("model.features.0.bias")!);
    some.delete("model.features.0.bias");
    expect(() => fitWeights(model, some)).toThrow(/missing: features\.0\.weight/);
  });

  test("a block's own names are no network of the block's kind", () => {
    const resnet = createModel("resnet8");
    const drawn = initialise(resnet.module, torchRandom(1));
    // conv1.weight stands at the end of layer1.0.conv1.weight too.
    const tensors = new Map([...modelTensors(resnet, drawn)].map(([name, tensor]) => [`net.${name}`, tensor] as const));
    expect(fitWeights(resnet, tensors)).toEqual(drawn);
  });
});

test("values without one of the parameters are refused before anything is written", () => {
  expect(() => modelTensors(createModel("LightNN"), values)).toThrow(
    /every parameter and buffer, features\.0\.weight is missing/,
  );
});

describe("a teacher that PyTorch trained", () => {
  const bytes = gunzipSync(readFileSync(teacher));
  const read = () => readSafetensors(bytes, "teacher.safetensors").tensors;

  test("fits DeepNN, value by value where it is stored", () => {
    const deep = createModel("DeepNN");
    const fitted = fitWeights(deep, read());
    expect([...namedParameters(deep.module).keys()]).toEqual([...read().keys()]);
    const bias = fitted.get(namedParameters(deep.module).get("classifier.3.bias")!.tensor)!;
    // The last tensor of the file: its last ten numbers, bfloat16, each the upper half of a float32.
    const tail = Buffer.from(Array.from(bytes.subarray(-20)).flatMap((byte, i) => (i % 2 ? [byte] : [0, 0, byte])));
    expect([...bias]).toEqual(Array.from({ length: 10 }, (_, i) => tail.readFloatLE(4 * i)));
    for (const trained of fitted.values()) expect(norm(trained)).toBeGreaterThan(0);
  });

  test("does not fit LightNN, and says so for each tensor", () => {
    expect(() => fitWeights(model, read())).toThrow(/wrong shape: features\.0\.weight[^]*missing: features\.3\.weight/);
  });
});
