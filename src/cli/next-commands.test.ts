import { expect, test } from "vitest";
import { nothingOwn } from "../model-file/index.ts";
import { parseConfig, type Config, type ConfigInput } from "../experiment/config.ts";
import {
  distillCommand,
  evaluateCommand,
  overSeedsCommand,
  tutorialCommand,
  shortest,
  proposedStudent,
} from "./next-commands.ts";
import { createModel } from "../models/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";
import { tally } from "../train/evaluate/evaluation.ts";

const taught: ConfigInput<"distill"> = {
  teacher: "deep.safetensors",
  method: "kd+at",
  options: { temperature: 3 },
  dataset: "cifar10",
  dataDir: "/photographs",
  limit: 500,
  epochs: 16,
  recipe: "benchmark",
  optimiserOptions: { momentum: 0.8, momentumGap: 0.05 },
  augment: { flip: {} },
  validation: 50,
  keep: "best",
  ema: 0.99,
  seed: 7,
};

test("students of a network that a recipe of its own trained are trained by the recipe for them", () => {
  const config = parseConfig("train", { recipe: "airbench94", dataset: "cifar10", seed: 7, epochs: 5, validation: 50 });
  expect(
    distillCommand({ config, own: nothingOwn }, { teacher: "a.safetensors", teacherModel: "airbench94" }, {}),
  ).toMatch(
    / distill cifar10 --recipe light-10 --seed 7 --validation 50 --teacher a.safetensors --teacher-model airbench94$/,
  );
});

test("what a teacher sees is the recipe's for students where the network had no teacher", () => {
  const config = parseConfig("train", { recipe: "light-10", dataset: "cifar10" });
  const line = distillCommand({ config, own: nothingOwn }, { teacher: "a.safetensors", teacherModel: "LightNN" }, {});
  expect(line).not.toContain("--teacher-views");
});

test("over three seeds: the same configuration, and the student alone beside it", () => {
  const config = parseConfig("distill", { ...taught, baseline: false });
  const line = overSeedsCommand({ config, own: nothingOwn });
  expect(line.slice(line.indexOf(" distill ") + 1)).toBe(
    "distill cifar10 --data-dir /photographs --limit 500 --recipe benchmark --epochs 16 --seed 7 --optimiser-option momentum=0.8 " +
      "--optimiser-option momentumGap=0.05 --ema 0.99 --augment flip --validation 50 --keep best --teacher deep.safetensors " +
      `--method kd+at --option 'kd={"temperature":3}' --seeds 3`,
  );
});

test("a student is taught, a tutorial done again and weights tested with the settings of before", () => {
  const trained = parseConfig("train", { model: "resnet8", limit: 500, epochs: 2, batchSize: 32, method: "ls" });
  const by = { teacher: "my runs/a.safetensors", teacherModel: "resnet8" };
  const student = { student: "resnet8", studentOptions: { widths: [8, 8, 16, 32] } };
  expect(distillCommand({ config: trained, own: nothingOwn }, by, student)).toMatch(
    / distill shapes --limit 500 --epochs 2 --batch-size 32 --teacher 'my runs\/a\.safetensors' --teacher-model resnet8 --student resnet8 --student-option 'widths=\[8,8,16,32\]'$/,
  );
  expect(evaluateCommand("a.safetensors", trained, { model: "resnet8" })).toMatch(
    / evaluate a\.safetensors --limit 500$/,
  );
  const pictures = parseConfig("train", { dataset: "photos", tta: "flip" });
  expect(evaluateCommand("a.safetensors", pictures, { model: "./net.ts", method: "kd" })).toMatch(
    / evaluate a\.safetensors --model \.\/net\.ts --tta flip$/,
  );
  const ofModule = parseConfig("train", { dataset: "./bars.ts", model: "./net.ts" });
  expect(evaluateCommand("a.safetensors", ofModule, { model: "./net.ts" })).toMatch(
    / evaluate a\.safetensors \.\/bars\.ts --model \.\/net\.ts$/,
  );
  const tutorial = parseConfig("tutorial", { limit: 500, seed: 3 }) as Config<"tutorial">;
  expect(tutorialCommand(tutorial, { seed: 4 })).toMatch(/ tutorial --limit 500 --seed 4$/);
  expect(tutorialCommand(tutorial, { dataset: "cifar10" })).toMatch(/ tutorial cifar10 --limit 500 --seed 3$/);
  const plain = parseConfig("tutorial", {}) as Config<"tutorial">;
  expect(tutorialCommand(plain, { dataset: "cifar10" })).toMatch(/ tutorial cifar10$/);
});

test("what is left of a configuration means all of it", () => {
  const config = parseConfig("distill", taught);
  const few = shortest("distill", config);
  expect(parseConfig("distill", few)).toEqual(config);
  expect(Object.keys(few).toSorted()).toEqual(Object.keys({ ...taught }).toSorted());
  expect(few["optimiserOptions"]).toEqual({ momentum: 0.8, momentumGap: 0.05 });
  expect(shortest("train", parseConfig("train", {}))).toEqual({});
});

/** What a run of this network says, right for so many of 100 images of ten classes. */
function trained(name: string, side: number, right: number, widths?: readonly number[]) {
  const { module, inputShape } = createModel(name, {
    inputShape: [3, side, side],
    ...(widths && { options: { widths } }),
  });
  const counted = tally(10);
  for (let i = 0; i < 100; i++)
    counted.add(i % 10, { predicted: i < right ? i % 10 : (i % 10) + 1 - (i % 2) * 2, confidence: 0.5 });
  return {
    parameters: countParameters(module),
    multiplyAdds: countMultiplyAdds(module, inputShape),
    test: counted.evaluation(),
  };
}

const images = (side: number) => ({
  classes: [..."abcdefghij"],
  shape: [3, side, side] as const,
  test: { labels: Uint8Array.from({ length: 100 }, (_, i) => i % 10) },
});

test.each([
  ["DeepNN", 32, { student: "LightNN" }],
  ["resnet20", 32, { student: "LightNN" }],
  ["resnet56", 64, { student: "LightNN" }],
  ["resnet14", 32, { student: "resnet8" }],
  ["resnet8", 32, { student: "resnet8", studentOptions: { widths: [8, 8, 16, 32] } }],
  ["LightNN", 32, undefined],
  ["resnet8", 2, { student: "resnet8", studentOptions: { widths: [8, 8, 16, 32] } }],
] as const)(
  "a student of %s, on images of %i pixels a side, has fewer parameters and multiply-adds",
  (name, side, student) => {
    const teacher = trained(name, side, 70);
    const found = proposedStudent(teacher, images(side));
    expect(found).toEqual(student);
    if (!found) return;
    const options = found.studentOptions;
    const { module, inputShape } = createModel(found.student!, {
      inputShape: [3, side, side],
      ...(options && { options }),
    });
    expect(countParameters(module)).toBeLessThan(teacher.parameters);
    expect(countMultiplyAdds(module, inputShape)).toBeLessThan(teacher.multiplyAdds);
  },
);

test("what does little better than guessing is proposed as nobody's teacher", () => {
  expect(proposedStudent(trained("DeepNN", 32, 10), images(32))).toBeUndefined();
  expect(proposedStudent(trained("DeepNN", 32, 17), images(32))).toBeUndefined();
  expect(proposedStudent(trained("DeepNN", 32, 30), images(32))).toEqual({ student: "LightNN" });
  expect(proposedStudent(trained("resnet8", 32, 70, [2, 2, 2, 2]), images(32))).toBeUndefined();
});
