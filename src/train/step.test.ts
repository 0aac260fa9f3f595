import { expect, test } from "vitest";
import { methods, objective } from "../distill/index.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import type { Model } from "../models/model.ts";
import { batchNorm2d, flatten, initialise, linear, namedBuffers, relu, sequential } from "../nn/index.ts";
import { sgd } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { everyState, learner, trainedParameters } from "./learner.ts";
import { trainingStep } from "./step.ts";

function normalised(name: string): Model {
  const module = sequential({ norm: batchNorm2d(1), relu: relu(), flatten: flatten(), classifier: linear(4, 2) });
  return { name, module, inputShape: [1, 2, 2], classes: 2 };
}

test("a step moves the student's running averages, and leaves the teacher's as they are", async () => {
  const [student, teacher] = [normalised("student"), normalised("teacher")];
  const taught = learner(student, objective(methods.kd), teacher);
  expect([...everyState(taught).buffers.keys()]).toEqual(["norm.running_mean", "norm.running_var"]);
  const optimiser = sgd({ learningRate: 0.1 }).attach(trainedParameters(taught));
  const { graph } = trainingStep(taught, 2, optimiser);
  const engine = referenceEngine();
  for (const { module } of [student, teacher]) {
    for (const [tensor, values] of initialise(module, torchRandom(1))) await engine.write(tensor, values);
  }
  const program = await engine.compile(graph);
  const batch = { images: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), labels: Int32Array.of(0, 1) };
  await program.run({ ...batch, ...optimiser.scalars(1) });
  const averages = ({ module }: Model) =>
    Promise.all([...namedBuffers(module).values()].map(async ({ tensor }) => (await engine.read(tensor))[0]!));
  const [mean, variance] = await averages(student);
  expect(mean).toBeCloseTo(0.1 * 4.5, 6);
  expect(variance).toBeCloseTo(0.9 + 0.1 * 6, 6);
  expect(await averages(teacher)).toEqual([0, 1]);
});
