/** @file The tutorial's comparison by another recipe: who teaches, by what settings, and who learns. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tutorialPlans } from "../../src/experiment/command-plans.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { readModelFile, saveModel } from "../../src/model-file/index.ts";
import { createModel } from "../../src/models/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { limbeck } from "../cli/limbeck.ts";

const photographs = { classes: 10, shape: [3, 32, 32], images: 50_000 } as const;

test("of the recipe best, an airbench network by its own recipe teaches, and students are trained as by light-10", () => {
  const config = parseConfig("tutorial", { recipe: "best", dataset: "cifar10" });
  const plans = tutorialPlans(config, photographs);
  expect(plans.map(({ name }) => name)).toEqual(["teacher", "student-ce", "student-kd", "student-dkd", "student-dist"]);
  const [teacher, ...students] = plans;
  const { learner, settings } = teacher!;
  expect(learner.model.name).toBe("airbench_small");
  const own = parseConfig("train", { recipe: "airbench93", dataset: "cifar10", epochs: 10 });
  expect(own).toMatchObject(settings!);
  expect(settings).toMatchObject({ optimiser: "sgd", batchSize: 1024, epochs: 10, lookahead: 5, dropLast: true });
  for (const { learner: student, settings } of students) {
    expect([student.model.name, settings]).toEqual(["LightNN", undefined]);
    if (student.objective.needsTeacher) expect(student.teacher).toBe(learner.model);
  }
  const { recipe: _, ...light } = parseConfig("distill", { recipe: "light-10", dataset: "cifar10", teacher: "a" });
  const { recipe: __, ...ours } = config;
  for (const key of ["epochs", "batchSize", "learningRate", "schedule", "augment", "dropout", "teacherViews"] as const)
    expect([key, ours[key]]).toEqual([key, light[key]]);
});

test("its teacher is trained for no more epochs than its students, in 32 steps of an epoch or more", () => {
  const of = (images: number, epochs?: number): unknown =>
    tutorialPlans(parseConfig("tutorial", { recipe: "best", epochs }), { ...photographs, images })[0]!.settings;
  expect(of(2048)).toMatchObject({ epochs: 10, batchSize: 64 });
  expect(of(2048, 3)).toMatchObject({ epochs: 3, batchSize: 64 });
  expect(of(50_000, 30)).toMatchObject({ epochs: 10, batchSize: 1024 });
});

test("a teacher from a file takes the place of its own, whatever network that is", async ({ onTestFinished }) => {
  const engine = await wasmEngine({ threads: 1 });
  onTestFinished(() => engine.close());
  const resnet = createModel("resnet8");
  for (const [tensor, values] of initialise(resnet.module, torchRandom(1))) await engine.write(tensor, values);
  const file = readModelFile(await saveModel(resnet, engine), "resnet8.safetensors");
  const given = { ...file, model: createModel("resnet8") };
  const [teacher, alone, taught] = tutorialPlans(parseConfig("tutorial", { recipe: "best" }), photographs, {
    file: given,
  });
  expect([teacher!.pretrained, teacher!.settings, teacher!.learner.model.name]).toEqual([true, undefined, "resnet8"]);
  expect([alone!.learner.teacher, taught!.learner.teacher]).toEqual([undefined, teacher!.learner.model]);
});

test("each run's folder says how it was trained", async ({ onTestFinished }) => {
  const out = await mkdtemp(join(tmpdir(), "limbeck-best-"));
  onTestFinished(() => rm(out, { recursive: true }));
  const quick = ["--epochs", "1", "--limit", "64", "--threads", "1", "--out", join(out, "a")];
  expect((await limbeck(["tutorial", "--recipe", "best", ...quick])).code).toBe(0);
  const configOf = async (run: string) => JSON.parse(await readFile(join(out, "a", run, "config.json"), "utf8"));
  expect(await configOf("teacher")).toMatchObject({ optimiser: "sgd", batchSize: 16, lookahead: 5 });
  expect(await configOf("student-dist")).toMatchObject({ optimiser: "muon", batchSize: 64, method: "dist" });
});
