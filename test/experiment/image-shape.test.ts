/** @file Networks are made for the images of the data set; weights that were made for others are refused. */
import { expect, test } from "vitest";
import { parseConfig } from "../../src/experiment/config.ts";
import { networkOf } from "../../src/use/evaluate.ts";
import { distillPlans, trainPlans } from "../../src/experiment/command-plans.ts";
import { tutorialPlans } from "../../src/experiment/command-plans.ts";
import { modelOf, nothingOwn, readModelFile, saveModel } from "../../src/model-file/index.ts";
import { createModel, type ImageShape } from "../../src/models/index.ts";
import { initialise, record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";

const data = { classes: 7, shape: [1, 40, 48], images: 10, own: nothingOwn } as const;

/** A weights file of a network for such images. */
async function file(name: string, inputShape: ImageShape) {
  const model = createModel(name, { classes: data.classes, inputShape });
  const values = initialise(model.module, torchRandom(1));
  return readModelFile(await saveModel(model, { read: async (state) => values.get(state)! }), `${name}.safetensors`);
}

const refusal = {
  code: "SHAPE",
  message: expect.stringMatching(
    /^DeepNN\.safetensors holds DeepNN for images of \[3, 32, 32\], but the data set's are \[1, 40, 48\]/,
  ),
};

test("every network of an experiment takes the data set's images", async () => {
  const teacher = await file("DeepNN", data.shape);
  const model = (await modelOf(teacher))!;
  const distill = parseConfig("distill", { teacher: "DeepNN.safetensors", assistants: ["resnet8"], student: "vgg8" });
  const plans = [
    ...trainPlans(parseConfig("train", { model: "MobileNetV2" }), data),
    ...(await distillPlans(distill, data, { files: [{ ...teacher, model }] })),
    ...tutorialPlans(parseConfig("tutorial", {}), data, teacher),
  ];
  expect(plans).toHaveLength(10);
  for (const { learner } of plans) {
    expect(learner.model.inputShape).toEqual(data.shape);
    const { output } = record(learner.model.module, input("x", [2, ...data.shape]), { training: false });
    expect(output.shape).toEqual([2, 7]);
  }
});

test("a teacher of other images is refused, both shapes said", async () => {
  const teacher = await file("DeepNN", [3, 32, 32]);
  const distill = parseConfig("distill", { teacher: "DeepNN.safetensors" });
  await expect(distillPlans(distill, data, { files: [teacher] })).rejects.toThrow(expect.objectContaining(refusal));
  expect(() => tutorialPlans(parseConfig("tutorial", {}), data, teacher)).toThrow(expect.objectContaining(refusal));
});

test("so is a network that is to be evaluated on other images", async () => {
  const config = parseConfig("evaluate", { weights: "DeepNN.safetensors" });
  await expect(networkOf(config, await file("DeepNN", [3, 32, 32]), data)).rejects.toMatchObject(refusal);
  const { inputShape } = await networkOf(config, await file("DeepNN", data.shape), data);
  expect(inputShape).toEqual(data.shape);
});
