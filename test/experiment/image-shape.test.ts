/** @file Networks are made for the images of the data set; weights that were made for others are refused. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { shapes } from "../../src/data/shapes.ts";
import { distillPlans, trainPlans, tutorialPlans } from "../../src/experiment/command-plans.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { openFolder } from "../../src/experiment/node/folder.ts";
import { openTeachers, teachersFor } from "../../src/experiment/node/teachers.ts";
import type { ExperimentTeacher } from "../../src/experiment/teacher-plans.ts";
import { networkOf } from "../../src/use/evaluate.ts";
import { nothingOwn, readModelFile, saveModel } from "../../src/model-file/index.ts";
import { createModel, type ImageShape } from "../../src/models/index.ts";
import { initialise, record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";

const data = { classes: 7, shape: [1, 40, 48], images: 10, own: nothingOwn } as const;
const dataset = {
  ...shapes({ train: 10, test: 10 }),
  classes: Array.from({ length: data.classes }, (_, i) => `class ${i}`),
  shape: data.shape,
  mean: [0.5],
  std: [0.5],
};

const root = await mkdtemp(join(tmpdir(), "limbeck-image-shape-"));
afterAll(() => rm(root, { recursive: true }));

/** A weights file of a network for such images. */
async function bytesOf(name: string, inputShape: ImageShape): Promise<Uint8Array> {
  const model = createModel(name, { classes: data.classes, inputShape });
  const values = initialise(model.module, torchRandom(1));
  return saveModel(model, { read: async (state) => values.get(state)! });
}

async function file(name: string, inputShape: ImageShape) {
  return readModelFile(await bytesOf(name, inputShape), `${name}.safetensors`);
}

/** The teacher that such a file is for the data set. */
async function teacherOf(name: string, inputShape: ImageShape): Promise<readonly ExperimentTeacher[]> {
  const path = join(root, `${name}.safetensors`);
  await writeFile(path, await bytesOf(name, inputShape));
  const config = parseConfig("distill", { teacher: path });
  const folder = await openFolder(join(root, "run"));
  try {
    const engine = (): never => expect.unreachable("weights are planned without an engine");
    return await teachersFor(
      { folder, config, dataset },
      await openTeachers({ folder, config, own: nothingOwn, engine }),
    );
  } finally {
    await folder.close();
  }
}

const refusal = {
  code: "SHAPE",
  message: expect.stringMatching(
    /DeepNN\.safetensors holds DeepNN for images of \[3, 32, 32\], but the data set's are \[1, 40, 48\]/,
  ),
};

test("every network of an experiment takes the data set's images", async () => {
  const teachers = await teacherOf("DeepNN", data.shape);
  const distill = parseConfig("distill", { teacher: "DeepNN.safetensors", assistants: ["resnet8"], student: "vgg8" });
  const plans = [
    ...trainPlans(parseConfig("train", { model: "MobileNetV2" }), data),
    ...distillPlans(distill, data, teachers),
    ...tutorialPlans(parseConfig("tutorial", {}), data, teachers[0]),
  ];
  expect(plans).toHaveLength(10);
  for (const { learner } of plans) {
    expect(learner.model.inputShape).toEqual(data.shape);
    const { output } = record(learner.model.module, input("x", [2, ...data.shape]), { training: false });
    expect(output.shape).toEqual([2, 7]);
  }
});

test("a teacher of other images is refused, both shapes said", async () => {
  await expect(teacherOf("DeepNN", [3, 32, 32])).rejects.toThrow(expect.objectContaining(refusal));
});

test("so is a network that is to be evaluated on other images", async () => {
  const config = parseConfig("evaluate", { weights: "DeepNN.safetensors" });
  await expect(networkOf(config, await file("DeepNN", [3, 32, 32]), data)).rejects.toMatchObject(refusal);
  const { inputShape } = await networkOf(config, await file("DeepNN", data.shape), data);
  expect(inputShape).toEqual(data.shape);
});
