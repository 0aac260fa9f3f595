/** @file Test-time augmentation: the mean of views' logits, beside what one pass gives and never in its place. */
import { expect, onTestFinished, test } from "vitest";
import { testViews, type Tta } from "../../src/data/test-views.ts";
import { splitOf, type Dataset } from "../../src/data/dataset.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { parseRecord } from "../../src/experiment/record.ts";
import { createTrainer } from "../../src/experiment/trainer.ts";
import { loadModel, predict, saveModel } from "../../src/model-file/index.ts";
import { createModel } from "../../src/models/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { evaluate } from "../../src/train/evaluate/evaluate.ts";
import { begin } from "./tiny.ts";

const [side, count, classes] = [8, 24, 4];
const random = torchRandom(4);
const pixels = Uint8Array.from(random.randint(count * 3 * side * side, 0, 256));
const split = splitOf({ pixels, labels: Uint8Array.from(random.randint(count, 0, classes)) });
const dataset: Dataset = {
  name: "noise",
  classes: ["a", "b", "c", "d"],
  shape: [3, side, side],
  train: split,
  test: split,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.25, 0.3],
};

async function scene() {
  const engine = await wasmEngine({ threads: 1 });
  onTestFinished(() => engine.close());
  const model = createModel("resnet8", { classes, inputShape: dataset.shape });
  await begin(engine, { model, auxiliaries: {} }, torchRandom(8));
  const loaded = await loadModel(await saveModel(model, engine, { dataset }), engine);
  return { engine, model, loaded };
}

/** The image whose pixel at (y, x) is the one of `image` at (y + by, x' + by), x' counted from the other side if mirrored, reflected at the edges. */
function viewOf(image: Uint8Array, by: number, isMirrored: boolean): Uint8Array {
  const last = side - 1;
  const reflected = (at: number): number => last - Math.abs(last - Math.abs(at));
  return Uint8Array.from(image, (_, i) => {
    const [channel, y, x] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side];
    const column = (isMirrored ? last - x : x) + by;
    return image[(channel * side + reflected(y + by)) * side + reflected(column)]!;
  });
}

/** airbench's: 0.5 · both sides of the image + 0.5 · the mean of both sides of two shifted ones. */
const oracle: Readonly<Record<Tta, readonly (readonly [by: number, isMirrored: boolean, weight: number])[]>> = {
  flip: [
    [0, false, 0.5],
    [0, true, 0.5],
  ],
  "flip+shift": [0, -1, 1].flatMap((by) =>
    [false, true].map((isMirrored) => [by, isMirrored, by === 0 ? 0.25 : 0.125] as const),
  ),
};

test.each(Object.keys(testViews) as Tta[])(
  "%s is the weighted mean of its views' logits, to evaluate and to predict",
  async (tta) => {
    const { engine, model, loaded } = await scene();
    const images = Array.from({ length: count }, (_, i) => split.image(i));
    const logProbabilities = async (bytes: readonly Uint8Array[]): Promise<number[][]> => {
      const found = await predict(
        loaded,
        bytes.map((data) => ({ data, width: side, height: side, layout: "planes" })),
        { top: classes },
      );
      return found.map((each) =>
        each.toSorted((a, b) => a.index - b.index).map(({ probability }) => Math.log(probability)),
      );
    };
    // Logits but for a constant of each image and view, which a softmax does not see.
    const sums = images.map(() => new Float64Array(classes));
    for (const [by, isMirrored, weight] of oracle[tta]) {
      const found = await logProbabilities(images.map((image) => viewOf(image, by, isMirrored)));
      for (const [i, row] of found.entries()) for (const [c, value] of row.entries()) sums[i]![c]! += weight * value;
    }
    const predicted = sums.map((row) => row.indexOf(Math.max(...row)));
    const correct = predicted.filter((each, i) => each === split.labels[i]).length;
    const plain = await evaluate({ engine, model, dataset, split });
    const both = await evaluate({ engine, model, dataset, split, tta, batchSize: 7 });
    const { augmented, ...rest } = both;
    expect(rest.predictions).toEqual(plain.predictions);
    expect(rest.accuracy).toBe(plain.accuracy);
    expect(augmented).toMatchObject({
      tta,
      passes: oracle[tta].length,
      correct,
      count,
      accuracy: (100 * correct) / count,
    });
    const asked = await predict(
      loaded,
      images.map((data) => ({ data, width: side, height: side, layout: "planes" })),
      { top: classes, tta },
    );
    expect(asked.map(([best]) => best.index)).toEqual(predicted);
    for (const [i, each] of asked.entries()) {
      const total = sums[i]!.reduce((sum, value) => sum + Math.exp(value), 0);
      for (const { index, probability } of each) expect(probability).toBeCloseTo(Math.exp(sums[i]![index]!) / total, 4);
    }
  },
);

test("what is no such augmentation is refused with the known ones", async () => {
  const { engine, model, loaded } = await scene();
  const wrong = "flop" as Tta;
  const refused = expect.objectContaining({
    code: "UNKNOWN_NAME",
    message: expect.stringMatching(/flip or flip\+shift/),
  });
  await expect(evaluate({ engine, model, dataset, split, tta: wrong })).rejects.toEqual(refused);
  await expect(
    predict(loaded, { data: split.image(0), width: side, height: side, layout: "planes" }, { tta: wrong }),
  ).rejects.toEqual(refused);
});

test("a trainer gives it beside the plain figures, and a record whose figures contradict each other is refused", async () => {
  const engine = await wasmEngine({ threads: 1 });
  onTestFinished(() => engine.close());
  const trainer = await createTrainer({ dataset, engine, epochs: 1 });
  const model = await trainer.train(createModel("resnet8", { classes, inputShape: dataset.shape }));
  const evaluation = await trainer.evaluate(model, split, { tta: "flip" });
  expect(evaluation.augmented).toMatchObject({ tta: "flip", passes: 2, count });
  const record = {
    name: "model",
    title: "Model",
    model: "resnet8",
    method: "ce",
    options: {},
    seed: 1,
    weights: {},
    parameters: 1,
    auxiliaryParameters: 0,
    bytes: 1,
    epochs: [],
    seconds: 1,
    teacherSeconds: 0,
    test: evaluation,
  };
  expect(parseRecord(record, "run.json").test.augmented).toEqual(evaluation.augmented);
  const damaged = { ...record, test: { ...evaluation, augmented: { ...evaluation.augmented, correct: count + 1 } } };
  expect(() => parseRecord(damaged, "run.json")).toThrow(/augmented/);
});
