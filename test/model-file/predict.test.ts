/** @file What a loaded network says of images: the same as an evaluation, from whatever form the images have. */
import { describe, expect, onTestFinished, test } from "vitest";
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
const first = dataset.test.image(0);
const planes = (data: Uint8Array): Pixels => ({ data, width: 32, height: 32, layout: "planes" });
const images = Array.from({ length: 37 }, (_, i) => planes(dataset.test.image(i)));

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
  const size = { width: 32, height: 32 };
  const expected = await predict(model, planes(first));
  const rgba = imageData(first).data;
  for (const picture of [
    imageData(first),
    { data: new Uint8Array(rgba), ...size },
    { data: rgba.filter((_, i) => i % 4 < 3), ...size, layout: "rgb" },
    { data: Float32Array.from(first, (byte) => byte / 255), ...size },
  ] as const) {
    expect(await predict(model, picture)).toEqual(expected);
  }
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
  const alone = await predict(model, list[36]!, { top: Infinity, batchSize: 1 });
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
  const expected = await predict(model, { data: luma, ...size, layout: "grey" });
  expect(await predict(model, { data, ...size })).toEqual(expected);
  expect(await predict(model, { data: luma, ...size, layout: "planes" })).toEqual(expected);
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
    ["another width", { ...planes(first), width: 64 }, {}, "SHAPE", /3 bytes a pixel as planes.* 6144, got 3072/],
    [
      "numbers of another size",
      { ...size, height: 31, data: new Float32Array(2976) },
      {},
      "SHAPE",
      /32 x 32.*give bytes/,
    ],
    ["half an image", planes(first.subarray(1536)), {}, "SHAPE", /width 32 and height 32 3072, got 1536/],
    ["planes for rgba", { ...size, data: first }, {}, "SHAPE", /as rgba.* 4096, got 3072.*"rgb", "grey", "planes"/],
    ["two channels", planes(first.subarray(1024)), {}, "SHAPE", /as planes.* 3072, got 2048/],
    ["no width", { ...size, data: new Uint8Array(), width: 0 }, {}, "SHAPE", /width 0/],
    ["half a pixel", { data: new Uint8Array(6), width: 1.5, height: 1 }, {}, "SHAPE", /width 1.5/],
    ["an unknown layout", { ...planes(first), layout: "bgr" }, {}, "ARGUMENT", /a file's bytes, a Blob, pixels/],
    ["no picture", [], {}, "ARGUMENT", /one picture or more, got none/],
    ["no file", new Uint8Array(), {}, "DATA_FORMAT", /^the picture should be a whole picture.*it is empty/],
    ["a file that is none", [first, first], {}, "DATA_FORMAT", /^picture 0 should be a whole picture/],
    ["a canvas in Node", { ...size, getContext: () => null }, {}, "UNSUPPORTED", /in a browser alone/],
    ["a list of numbers", { ...size, data: new Array(3072).fill(0) }, {}, "ARGUMENT", /a Blob, pixels/],
    ["nothing", undefined, {}, "ARGUMENT", /the picture should be a file's bytes/],
    ["a name", ["a.png"], {}, "ARGUMENT", /picture 0 should be .* got "a.png"/],
    ["NaN", { ...size, data: new Float32Array(3072).fill(Number.NaN, 7) }, {}, "ARGUMENT", /got NaN as number 7/],
    ["bytes as numbers", { ...size, data: new Float32Array(3072).fill(128) }, {}, "ARGUMENT", /from 0 to 1, got 128/],
    ["no class", planes(first), { top: 0 }, "ARGUMENT", /top should be a whole number from 1, got 0/],
    ["a batch of 3", planes(first), { batchSize: 3 }, "ARGUMENT", /power of two/],
    [
      "two means",
      planes(first),
      { normalisation: { mean: [0, 0], std: [1, 1] } },
      "SHAPE",
      /each of 3 channels, got 2 and 2/,
    ],
    ["no deviation", planes(first), { normalisation: { mean: [0, 0, 0], std: [0, 1, 1] } }, "ARGUMENT", /above 0/],
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
