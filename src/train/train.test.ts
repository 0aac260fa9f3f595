import { expect, test } from "vitest";
import { methods, objective, objectiveNamed } from "../distill/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { createModel } from "../models/index.ts";
import type { Model } from "../models/model.ts";
import { batchNorm2d, flatten, initialise, linear, namedBuffers, namedStates, relu, sequential } from "../nn/index.ts";
import { scalarsAt, sgd } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { analyse } from "../tensor/index.ts";
import { emaOf } from "./features/ema.ts";
import { everyState, trainedParameters } from "./states.ts";
import { learner } from "../distill/learner.ts";
import { negativeSampler } from "./negatives.ts";
import { trainingStep, type StepOptions } from "./step.ts";

function normalised(name: string): Model {
  const module = sequential({ norm: batchNorm2d(1), relu: relu(), flatten: flatten(), classifier: linear(4, 2) });
  return { name, module, inputShape: [1, 2, 2], classes: 2 };
}

test("a step moves the student's running averages, and leaves the teacher's as they are", async () => {
  const [student, teacher] = [normalised("student"), normalised("teacher")];
  const subject = learner(student, objective(methods.kd), teacher);
  expect([...everyState(subject).buffers.keys()]).toEqual(["norm.running_mean", "norm.running_var"]);
  const optimiser = sgd({ learningRate: 0.1 }).attach(trainedParameters(subject));
  const { graph } = trainingStep(subject, 2, optimiser);
  const engine = referenceEngine();
  for (const { module } of [student, teacher]) {
    for (const [tensor, values] of initialise(module, torchRandom(1))) await engine.write(tensor, values);
  }
  const program = await engine.compile(graph);
  const batch = { images: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), labels: Int32Array.of(0, 1) };
  await program.run({ ...batch, ...scalarsAt(optimiser, 1) });
  const averages = ({ module }: Model) =>
    Promise.all([...namedBuffers(module).values()].map(async ({ tensor }) => (await engine.read(tensor))[0]!));
  const [mean, variance] = await averages(student);
  expect(mean).toBeCloseTo(0.1 * 4.5, 6);
  expect(variance).toBeCloseTo(0.9 + 0.1 * 6, 6);
  expect(await averages(teacher)).toEqual([0, 1]);
});

test("every input of a step's graph is an object that fills it: masks, mixed labels, ramps, negatives, cached outputs, scalars", () => {
  const inputsOf = (method: string, options: Readonly<Record<string, unknown>>, more: StepOptions): string[] => {
    const subject = learner(createModel("LightNN"), objectiveNamed(method, options), createModel("DeepNN"), {
      images: 8,
    });
    const optimiser = sgd({ learningRate: 0.1, momentum: (step: number) => 0.9 - 0.1 / step }).attach(
      trainedParameters(subject),
    );
    const { graph, inputs, symbols } = trainingStep(subject, 4, optimiser, more);
    expect(inputs.map(({ symbol }) => symbol)).toEqual(expect.arrayContaining([...analyse(graph).inputs.values()]));
    return inputs.filter(({ symbol }) => symbols.has(symbol)).map(({ symbol }) => symbol.attributes.name);
  };
  const ema = () => emaOf(namedStates(createModel("LightNN").module), 0.9);
  const teacherCache = { "pair 1 embedding": { shape: [512], values: new Float32Array(8 * 512) } };
  const labels = Uint8Array.of(0, 1, 0, 1, 0, 1, 0, 1);
  const negatives = negativeSampler({ labels, count: 8 }, 2);
  const rates = ["sgd learning rate", "sgd momentum"];
  expect(inputsOf("kd", {}, { isMixed: true, features: [ema()] })).toEqual(
    expect.arrayContaining(["mask classifier.2", "images", "labels", "label share", "partner labels", ...rates]),
  );
  expect(inputsOf("crd", { negatives: 2 }, { teacherCache, negatives })).toEqual(
    expect.arrayContaining(["images", "labels", "indices", "negatives", "target pair 1 embedding", ...rates]),
  );
  expect(inputsOf("dkd", {}, {})).toEqual(expect.arrayContaining(["weight tckd", "weight nckd"]));
});
