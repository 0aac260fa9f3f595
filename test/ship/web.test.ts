/** @file Students for the web, beside the engine that the networks were trained with. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { preparedPicture } from "../../src/images/preparation.ts";
import { fromInterleaved, type Picture } from "../../src/images/picture.ts";
import { fromColours } from "../../src/images/samples.ts";
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { pictureReader } from "../../src/model-file/index.ts";
import { createModel, type ImageShape } from "../../src/models/index.ts";
import { record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { webStudent } from "../../src/ship/node/web-folder.ts";
import type { ShippedDescription } from "../../src/ship/description.ts";
import { input } from "../../src/tensor/index.ts";
import { drawn } from "../inference/drawn.ts";
import type { Pixels } from "../../src/ship/web/files/student.d.ts";
import { tried } from "../models/tried.ts";
import { loaded, script, written } from "./students.ts";

const engine = await wasmEngine({ threads: 1 });
afterAll(() => engine.close());

const colours = { mean: [0.49, 0.48, 0.44], std: [0.24, 0.23, 0.26] };

function described({ model }: NetworkWithValues, more: Partial<ShippedDescription> = {}): ShippedDescription {
  const { name, inputShape, classes } = model;
  const [channels] = inputShape;
  const normalisation = { mean: colours.mean.slice(0, channels), std: colours.std.slice(0, channels) };
  return { name, inputShape, classes, normalisation, ...more };
}

/** Noise, RGBA. */
function noise(width: number, height: number, seed = 1): Pixels {
  const data = Uint8ClampedArray.from(torchRandom(seed).uniform(width * height * 4, 0, 256), Math.floor);
  return { data, width, height };
}

/** The network's own logits for a picture that is ready. */
async function expectedLogits(
  { model, values }: NetworkWithValues,
  { pixels, width, height }: Picture,
): Promise<Float32Array> {
  const { normalisation } = described({ model, values });
  const images = await pictureReader(model, { normalisation })("test", {
    data: pixels,
    width,
    height,
    layout: "planes",
  });
  for (const [tensor, numbers] of values) await engine.write(tensor, numbers);
  const { output } = record(model.module, input("images", [1, ...model.inputShape]), { training: false });
  const program = await engine.compile({ outputs: { logits: output }, updates: [] });
  const { logits } = await program.run({ images });
  program.close();
  await engine.free(values.keys());
  return logits!;
}

function ready({ data, width, height }: Pixels, shape: ImageShape, resize?: number): Picture {
  const picture = fromInterleaved(data as Uint8Array, { width, height, stride: 4, channels: 3 });
  return preparedPicture(picture, shape, resize === undefined ? undefined : { resize });
}

/** The largest difference, of the size of the numbers. */
function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  return Math.max(...values.map((value, i) => Math.abs(got[i]! - value))) / size;
}

describe("networks of every family ship", () => {
  test.each(tried)("%s", { timeout: 60_000 }, async (name) => {
    const network = drawn(createModel(name, { inputShape: [3, 32, 32] }));
    const { files } = await webStudent(network, described(network));
    const student = await loaded(await written(files));
    const image = noise(32, 32);
    const expected = await expectedLogits(network, ready(image, [3, 32, 32]));
    // Twice, because a run overwrites what prepared weights do not need.
    for (let i = 0; i < 2; i++) expect(distance(student.logits(image), expected)).toBeLessThan(1e-5);
  });
});

describe("pictures are made ready as in training, to the bit", () => {
  test.each<[ImageShape, number | undefined, number, number]>([
    [[3, 32, 32], undefined, 300, 200],
    [[3, 32, 32], undefined, 33, 32],
    [[3, 32, 32], 40, 57, 411],
    [[3, 32, 32], 40, 7, 5],
    [[3, 32, 32], 40, 32, 32],
    [[1, 28, 28], undefined, 101, 100],
    [[1, 28, 28], 29, 64, 640],
    [[3, 8, 8], 11, 1, 1],
    [[3, 9, 9], 10, 1201, 3],
  ])("%j resized to %s from %i x %i", async (shape, resize, width, height) => {
    const network = drawn(createModel("LightNN", { inputShape: [shape[0], 32, 32] }));
    const small = shape[1] === 32 ? network : drawn(createModel("resnet8", { inputShape: shape }));
    const preparation = resize === undefined ? {} : { preparation: { resize, exif: true } };
    const { files, constants } = await webStudent(small, described(small, preparation));
    const student = await loaded(await written(files));
    const image = noise(width, height);
    const before = image.data.slice();
    const picture = ready(image, shape, resize);
    // The image that is exactly what the other should become: the same numbers reach the network, so the same bits leave it.
    const same = { width: shape[2], height: shape[1], data: new Uint8Array(4 * shape[1] * shape[2]) };
    for (let i = 0; i < shape[1] * shape[2]; i++) {
      for (let c = 0; c < 3; c++) same.data[4 * i + c] = picture.pixels[(c % shape[0]) * shape[1] * shape[2] + i]!;
    }
    expect(student.logits(image)).toEqual(student.logits(same));
    expect(distance(student.logits(image), await expectedLogits(small, picture))).toBeLessThan(1e-5);
    expect(image.data).toEqual(before);
    expect(constants.resize).toBe(Math.max(shape[1], resize ?? 0));
  });

  test("what is transparent lies on the background, where there is one", async () => {
    const network = drawn(createModel("LightNN"));
    const background = [255, 128, 3] as const;
    const { files } = await webStudent(
      network,
      described(network, { preparation: { resize: 32, exif: true, background } }),
    );
    const student = await loaded(await written(files));
    const image = noise(50, 40);
    const opaque = fromColours({ data: image.data, width: 50, height: 40, stride: 4 }, background);
    const expected = await expectedLogits(network, preparedPicture(opaque, [3, 32, 32]));
    expect(distance(student.logits(image), expected)).toBeLessThan(1e-5);
  });
});

test("classes come with probabilities, the most probable first, under their names", async () => {
  const network = drawn(createModel("LightNN", { classes: 4 }));
  const classNames = ["a", 'quo"te\n', "</script>", "class\u2028"];
  const { files } = await webStudent(network, described(network, { classNames }));
  const folder = await written(files);
  const [{ student }, { classify, logits }] = [await script(folder), await loaded(folder)];
  expect(student).toMatchObject({ name: "LightNN", classes: classNames, channels: 3, height: 32, width: 32 });
  const found = classify(noise(32, 32));
  const values = logits(noise(32, 32));
  const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
  expect(found.map(({ name }) => name).toSorted()).toEqual(classNames.toSorted());
  for (const [place, { index, name, probability }] of found.entries()) {
    expect(name).toBe(classNames[index]);
    expect(probability).toBeCloseTo(Math.exp(values[index]!) / total, 12);
    if (place > 0) expect(probability).toBeLessThanOrEqual(found[place - 1]!.probability);
  }
});

test("float16 weights take half the bytes, and give about the same", async () => {
  const network = drawn(createModel("resnet8"));
  const [full, half] = await Promise.all([
    webStudent(network, described(network)),
    webStudent(network, described(network), "float16"),
  ]);
  const size = ({ files }: typeof full): number => files.get("weights.bin")!.length;
  expect(size(half)).toBe(size(full) / 2);
  const image = noise(32, 32);
  const [a, b] = [await loaded(await written(full.files)), await loaded(await written(half.files))];
  const difference = distance(b.logits(image), a.logits(image));
  expect(difference).toBeLessThan(0.01);
  expect(difference).toBeGreaterThan(0);
});

describe("what is no student, or no image, is refused with a code", async () => {
  const network = drawn(createModel("LightNN"));
  const { files } = await webStudent(network, described(network));
  const other = await webStudent(network, described(network, { name: "other" }));
  const [wasm, weights] = [files.get("student.wasm")!, files.get("weights.bin")!];
  const changed = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at]! ^= 1;
    return copy;
  };

  test.each<[string, string, Uint8Array | WebAssembly.Module, Uint8Array]>([
    ["a bit of the weights", "CHECKSUM", wasm, changed(weights, 100_000)],
    ["a bit of the code", "CHECKSUM", changed(wasm, 5000), weights],
    ["weights cut off", "CHECKSUM", wasm, weights.subarray(0, -4)],
    ["no weights", "CHECKSUM", wasm, new Uint8Array()],
    ["a web page", "CHECKSUM", new TextEncoder().encode("<!doctype html>"), weights],
    ["another student's code", "CHECKSUM", other.files.get("student.wasm")!, weights],
    ["another module", "CHECKSUM", new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), weights],
    [
      "another student's module",
      "CHECKSUM",
      new WebAssembly.Module(other.files.get("student.wasm") as Uint8Array<ArrayBuffer>),
      weights,
    ],
  ])("%s", async (_, code, wasm, weights) => {
    const { load } = await script(await written(files));
    await expect(load({ wasm, weights })).rejects.toMatchObject({ name: "StudentError", code });
  });

  test.each<[string, RegExp, string, string]>([
    ["another number of classes", /"classes":\["class 0",/, '"classes":[', "expected 10 classes, got 9"],
    ["a deviation of 0", /"std":\[[^,]*,/, '"std":[0,', "expected 3 numbers above 0 as std, got 0,0.23,0.26"],
    ["a deviation too few", /"std":\[[^,]*,/, '"std":[', "expected 3 numbers above 0 as std, got 0.23,0.26"],
    ["a mean that is none", /"mean":\[[^,]*,/, '"mean":[null,"x",', "expected 3 numbers as mean, got ,x,"],
    ["an infinite mean", /"mean":\[[^,]*,/, '"mean":[1e999,', "expected 3 numbers as mean, got Infinity,"],
  ])("a student.js with %s", async (_, part, instead, message) => {
    const own = new TextDecoder().decode(files.get("student.js"));
    expect(own).toMatch(part);
    const edited = new Map(files).set("student.js", new TextEncoder().encode(own.replace(part, () => instead)));
    const { load } = await script(await written(edited));
    await expect(load({ wasm, weights })).rejects.toMatchObject({
      code: "CHECKSUM",
      message: expect.stringContaining(message),
    });
  });

  test("a file that cannot be fetched", async () => {
    const { load } = await script(await written(files));
    await expect(load({ wasm })).rejects.toMatchObject({
      code: "DATA_MISSING",
      message: expect.stringContaining("weights.bin cannot be fetched"),
    });
  });

  test("a module that was compiled elsewhere is taken", async () => {
    const { load } = await script(await written(files));
    const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
    const { logits } = await load({ wasm: module, weights: weights.buffer as ArrayBuffer });
    expect(logits(noise(32, 32)).length).toBe(10);
  });

  test("a view into a larger buffer is taken, at any place", async () => {
    const { load } = await script(await written(files));
    const moved = new Uint8Array(weights.length + 3);
    moved.set(weights, 3);
    const [a, b] = await Promise.all([load({ wasm, weights: moved.subarray(3) }), load({ wasm, weights })]);
    expect(a.logits(noise(32, 32))).toEqual(b.logits(noise(32, 32)));
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a number", 5],
    ["no size", { data: new Uint8Array(4) }],
    ["too few bytes", { data: new Uint8Array(4 * 32 * 32 - 1), width: 32, height: 32 }],
    ["three bytes a pixel", { data: new Uint8Array(3 * 32 * 32), width: 32, height: 32 }],
    ["numbers that are no bytes", { data: new Float32Array(4 * 32 * 32), width: 32, height: 32 }],
    ["a list", { data: Array.from({ length: 4 * 32 * 32 }, () => 0), width: 32, height: 32 }],
    ["an empty image", { data: new Uint8Array(), width: 0, height: 0 }],
    ["half a pixel", { data: new Uint8Array(6), width: 1.5, height: 1 }],
    ["something without a size", {}],
  ])("an image that is %s", async (_, image) => {
    const { classify } = await loaded(await written(files));
    expect(() => classify(image as Pixels)).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });

  test("a network of five channels", async () => {
    const network = drawn(createModel("LightNN", { inputShape: [5, 32, 32] }));
    const description = described(network, { normalisation: { mean: [0, 0, 0, 0, 0], std: [1, 1, 1, 1, 1] } });
    await expect(webStudent(network, description)).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});

test("the code is small, and needs nothing", async () => {
  const network = drawn(createModel("LightNN"));
  const folder = await written((await webStudent(network, described(network))).files);
  const wasm = await readFile(join(folder, "student.wasm"));
  expect(WebAssembly.Module.imports(new WebAssembly.Module(wasm))).toEqual([]);
  const own = await readFile(join(folder, "student.js"), "utf8");
  expect(own).not.toMatch(/^import|require\(/m);
  expect(brotliCompressSync(own).length).toBeLessThan(3200);
});
