/** @file What a loaded network says of images: the same as an evaluation, from whatever form the images have. */
import { describe, expect, onTestFinished, test } from "vitest";
import { pixelsOf } from "../../src/data/dataset.ts";
import { forwarding } from "../../src/engine/forwarding.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import {
  createModel,
  evaluate,
  loadModel,
  saveModel,
  shapes,
  wasmEngine,
  type Engine,
} from "../../src/entries/index.ts";
import { predict, type Pixels, type PredictOptions } from "../../src/entries/infer.ts";
import { initialise, namedStates } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/index.ts";

const dataset = shapes({ train: 1, test: 37 });
const pixels = pixelsOf(dataset.test);
const images: Pixels = { data: pixels, width: 32, height: 32 };

async function fileOf(model = createModel("LightNN"), options: object = { dataset }): Promise<Uint8Array> {
  const values = initialise(model.module, torchRandom(3));
  return saveModel(model, { read: async (state) => values.get(state)! }, options);
}

async function opened(): Promise<Engine> {
  const engine = await wasmEngine({ threads: 2 });
  onTestFinished(() => engine.close());
  return engine;
}

/** As a canvas gives them: RGBA, pixel by pixel. */
function imageData(planes: Uint8Array): Pixels {
  const data = new Uint8ClampedArray(4 * 1024).fill(255);
  for (let i = 0; i < 1024; i++) for (let c = 0; c < 3; c++) data[4 * i + c] = planes[1024 * c + i]!;
  return { data, width: 32, height: 32 };
}

test("the most probable classes are those of an evaluation, their probabilities the softmax of its logits", async () => {
  const engine = await opened();
  const model = await loadModel(await fileOf(), engine);
  const found = await predict(model, images, { top: 10 });
  const { predictions } = await evaluate({ engine, model, dataset, split: dataset.test });
  expect(found.map(([best]) => best.index)).toEqual(predictions);
  for (const classes of found) {
    expect(new Set(classes.map(({ index }) => index)).size).toBe(10);
    expect(classes.map(({ index }) => dataset.classes[index])).toEqual(classes.map(({ name }) => name));
    const probabilities = classes.map(({ probability }) => probability);
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    expect(probabilities.reduce((sum, each) => sum + each)).toBeCloseTo(1, 12);
  }
});

test("a canvas's pixels, planes of bytes and planes of numbers from 0 to 1 give the same bits", async () => {
  const model = await loadModel(await fileOf(), await opened());
  const first = pixels.subarray(0, 3072);
  const [expected] = await predict(model, { ...images, data: first });
  const [fromCanvas] = await predict(model, imageData(first));
  const [fromNumbers] = await predict(model, { ...images, data: Float32Array.from(first, (byte) => byte / 255) });
  const bytes = new Uint8Array(imageData(first).data);
  const [fromBytes] = await predict(model, { ...images, data: bytes, layout: "rgba" });
  expect([fromCanvas, fromNumbers, fromBytes]).toEqual([expected, expected, expected]);
  expect(expected).toHaveLength(5);
});

test("images come one by one or many at once, in any number, and what is compiled is kept", async () => {
  const engine = await opened();
  let compiled = 0;
  const counting: Engine = {
    ...forwarding(engine),
    compile: (graph) => (compiled++, engine.compile(graph)),
  };
  const model = await loadModel(await fileOf(), counting);
  const list = Array.from({ length: 37 }, (_, i) => imageData(dataset.test.image(i)));
  const [together, apart] = await Promise.all([predict(model, images), predict(model, list)]);
  expect(together).toHaveLength(37);
  expect(apart.map(([best]) => best.index)).toEqual(together.map(([best]) => best.index));
  const [alone] = await predict(model, list[36]!, { top: Infinity, batchSize: 1 });
  expect(alone).toHaveLength(10);
  // Of 32, 4 and 1.
  expect(compiled).toBe(3);
});

test("calls that are made at once do not get each other's images", async () => {
  const model = await loadModel(await fileOf(), await opened());
  const one = Array.from({ length: 37 }, (_, i) => imageData(dataset.test.image(i)));
  const alone: unknown[] = [];
  for (const image of one) alone.push(await predict(model, image));
  expect(await Promise.all(one.map((image) => predict(model, image)))).toEqual(alone);
});

test("grey networks take the grey of colours, as Pillow rounds it", async () => {
  const engine = await opened();
  const made = createModel("LightNN", { inputShape: [1, 8, 12], classes: 3 });
  const grey = { name: "grey", classes: ["a", "b", "c"], mean: [0.4], std: [0.2] };
  const model = await loadModel(await fileOf(made, { dataset: grey }), engine);
  const data = Uint8ClampedArray.from({ length: 8 * 12 * 4 }, (_, i) => (i * 37) % 256);
  const luma = Uint8Array.from({ length: 96 }, (_, i) => {
    const [red, green, blue] = data.subarray(4 * i);
    return Math.floor((19_595 * red! + 38_470 * green! + 7471 * blue! + 32_768) / 65_536);
  });
  const size = { width: 12, height: 8 };
  expect(await predict(model, { data, ...size })).toEqual(await predict(model, { data: luma, ...size }));
});

test("a closed network predicts no more, and its memory is free", async () => {
  const engine = await opened();
  const file = await fileOf();
  const model = await loadModel(file, engine);
  await predict(model, images);
  await model.close();
  await model.close();
  await expect(predict(model, images)).rejects.toMatchObject({
    code: "ENGINE",
    message: expect.stringMatching(/LightNN was closed/),
  });
  for (const state of namedStates(model.module).values()) {
    expect((await engine.read(state)).every((value) => value === 0)).toBe(true);
  }
  expect(await predict(await loadModel(file, engine), images)).toHaveLength(37);
});

describe("is refused, with a code", () => {
  const size = { width: 32, height: 32 };

  test.each<[string, unknown, PredictOptions, string, RegExp]>([
    ["another size", { ...images, width: 64 }, {}, "SHAPE", /32 pixels wide and 32 high, got 64 and 32; scale them/],
    ["half an image", { ...images, data: new Uint8Array(1536) }, {}, "SHAPE", /3072 numbers for each image.*got 1536/],
    ["planes for rgba", { ...images, layout: "rgba" }, {}, "SHAPE", /4096 numbers.*as rgba, got 113664/],
    ["an unknown layout", { ...images, layout: "bgr" }, {}, "ARGUMENT", /"rgba" or "planes"/],
    ["no image", [], {}, "ARGUMENT", /one or more, got none/],
    ["no pixels", { ...size, data: new Uint8Array() }, {}, "ARGUMENT", /one or more, got none/],
    ["a list of numbers", { ...size, data: new Array(3072).fill(0) }, {}, "ARGUMENT", /Uint8Array/],
    ["nothing", undefined, {}, "ARGUMENT", /images should be/],
    ["NaN", { ...size, data: new Float32Array(3072).fill(Number.NaN, 7) }, {}, "ARGUMENT", /got NaN as number 7/],
    ["bytes as numbers", { ...size, data: new Float32Array(3072).fill(128) }, {}, "ARGUMENT", /from 0 to 1, got 128/],
    ["no class", images, { top: 0 }, "ARGUMENT", /top should be a whole number from 1, got 0/],
    ["a batch of 3", images, { batchSize: 3 }, "ARGUMENT", /power of two/],
    ["two means", images, { normalisation: { mean: [0, 0], std: [1, 1] } }, "SHAPE", /each of 3 channels, got 2 and 2/],
    ["no deviation", images, { normalisation: { mean: [0, 0, 0], std: [0, 1, 1] } }, "ARGUMENT", /above 0/],
  ])("%s", async (_, given, options, code, message) => {
    const engine = referenceEngine();
    const model = await loadModel(await fileOf(), engine);
    await expect(predict(model, given as Pixels, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("a network whose file does not say how images are normalised, unless it is given", async () => {
    const engine = await opened();
    const { tensors } = readSafetensors(await fileOf());
    const model = await loadModel(writeSafetensors(tensors), engine, { into: createModel("LightNN") });
    await expect(predict(model, images)).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(/LightNN does not say.*give \{ normalisation/),
    });
    const { mean, std } = dataset;
    const found = await predict(model, images, { normalisation: { mean, std } });
    expect(found[0]![0].name).toMatch(/^class \d$/);
  });

  test("damaged weights, and a model that was not loaded", async () => {
    const engine = await opened();
    const model = await loadModel(await fileOf(), engine);
    const [weight] = namedStates(model.module).values();
    await engine.write(weight!, new Float32Array(weight!.size).fill(Number.NaN));
    await expect(predict(model, images)).rejects.toMatchObject({ code: "NOT_FINITE" });
    await expect(predict({ ...model }, images)).rejects.toMatchObject({
      code: "ARGUMENT",
      message: expect.stringMatching(/what loadModel gives/),
    });
  });
});
