/** @file Data sets of more classes than a byte can tell: trained on, distilled on, evaluated, held out of, saved. */
import { expect, test } from "vitest";
import { checkDataset } from "../../src/data/check-dataset.ts";
import { classLabels, splitOf, type Dataset } from "../../src/data/dataset.ts";
import { holdOut } from "../../src/data/subsets.ts";
import { methods, objective, objectiveNamed } from "../../src/distill/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { evaluationTable } from "../../src/cli/commands/evaluate.ts";
import { createModel } from "../../src/models/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { evaluate } from "../../src/train/evaluate/evaluate.ts";
import { learner } from "../../src/distill/learner.ts";
import { train } from "../../src/train/train.ts";

/** 1x8x8 images of noise, one for each of the last classes. */
function many(classes: number, count: number): Dataset {
  const labels = classLabels(
    Array.from({ length: count }, (_, i) => classes - 1 - i),
    classes,
  );
  const pixels = Uint8Array.from(torchRandom(5).randint(count * 64, 0, 256));
  const split = splitOf({ pixels, labels });
  const names = Array.from({ length: classes }, (_, i) => `class ${i}`);
  return { name: "many", classes: names, shape: [1, 8, 8], train: split, test: split, mean: [0.5], std: [0.25] };
}

test("300 classes: a teacher learns and teaches, and tells classes beyond 255 from the others", async () => {
  const engine = await wasmEngine({ threads: 2 });
  const dataset = holdOut(many(300, 64), 8, 1);
  expect(dataset.train.labels).toBeInstanceOf(Uint16Array);
  const make = () => createModel("LightNN", { classes: 300, inputShape: [1, 8, 8], dropout: 0 });
  const [teacher, student] = [make(), make()];
  const random = torchRandom(1);
  for (const { module } of [teacher, student]) {
    for (const [tensor, values] of initialise(module, random)) await engine.write(tensor, values);
  }
  const losses: number[] = [];
  const phases = [
    { learner: learner(teacher, objective(methods.ce)), epochs: 20 },
    { learner: learner(student, objectiveNamed("kd+dist"), teacher), epochs: 4 },
  ];
  for (const { learner, epochs } of phases) {
    const optimiser = adam({ learningRate: 0.003 });
    for await (const event of train({ engine, learner, dataset, optimiser, epochs, batchSize: 16, random })) {
      if (event.kind === "epoch") losses.push(event.terms["ce"]!);
    }
  }
  expect(losses[0]).toBeCloseTo(Math.log(300), 0);
  expect(losses[19]).toBeLessThan(0.5);
  expect(losses[23]).toBeLessThan(losses[20]!);
  const split = dataset.train;
  const { accuracy, correct, confusion, predictions } = await evaluate({ engine, model: teacher, dataset, split });
  await engine.close();
  expect(accuracy).toBeGreaterThan(90);
  expect(confusion).toHaveLength(300);
  expect(predictions.filter((class_, i) => class_ === split.labels[i])).toHaveLength(correct);
  expect(predictions.some((class_) => class_ > 255)).toBe(true);
});

test.each([1000, 65_535])("%i classes are evaluated; of very many no confusions are kept", async (classes) => {
  const dataset = many(classes, 6);
  checkDataset(dataset);
  const engine = await wasmEngine({ threads: 2 });
  const model = createModel("resnet8", { classes, inputShape: [1, 8, 8] });
  for (const [tensor, values] of initialise(model.module, torchRandom(1))) await engine.write(tensor, values);
  const evaluation = await evaluate({ engine, model, dataset, split: dataset.test });
  await engine.close();
  expect(evaluation.count).toBe(6);
  expect(evaluation.confusion).toHaveLength(classes > 1000 ? 0 : 1000);
  expect(evaluation.correct).toBe(evaluation.predictions.filter((said, i) => said === classes - 1 - i).length);
  const table = evaluationTable({ ...evaluation, classes: dataset.classes });
  expect(table.split("\n")).toHaveLength(classes > 1000 ? 2 : 1002);
});
