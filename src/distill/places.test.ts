import { describe, expect, test } from "vitest";
import { wasmEngine } from "../engine/wasm/index.ts";
import { createModel } from "../models/index.ts";
import { initialise } from "../nn/index.ts";
import { adam } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { learner, trainedParameters, type Learner } from "../train/learner.ts";
import { observe, probe, weightsOf } from "../train/observe.ts";
import { trainingStep } from "../train/step.ts";
import { objectiveNamed } from "./index.ts";

const [light, deep] = [createModel("LightNN"), createModel("DeepNN")];
const [narrow, wide] = [createModel("resnet8"), createModel("resnet8x4")];

const taught = (method: string, options: Readonly<Record<string, unknown>> = {}, student = light, teacher = deep) =>
  learner(student, objectiveNamed(method, options), teacher);

const targetShapes = ({ objective, model, teacher }: Learner) => {
  const seen = observe(teacher!, probe(teacher!), false);
  const targets = objective.targets(seen, weightsOf(teacher, objective.name), observe(model, probe(model), false));
  return Object.fromEntries(Object.entries(targets).map(([name, { shape }]) => [name, shape]));
};

/** The modules beside the student that a stage trains, or the training proper, and `student` if it is trained. */
const trained = (given: Learner, stage?: Learner["objective"]["stages"][number]) => {
  const names = [...trainedParameters(given, stage).keys()].map((path) => path.split(".")[0]!);
  return [...new Set(names.map((name) => (name in given.extras ? name : "student")))];
};

test("the weights are those of the papers' CIFAR settings", () => {
  const weights = (method: string) => objectiveNamed(method).weights;
  expect(weights("at")).toEqual({ attention: 1000, ce: 1 });
  expect(weights("sp")).toEqual({ similarity: 3000, ce: 1 });
  expect(weights("cc")).toEqual({ congruence: 0.02, ce: 1 });
  expect(weights("rkd")).toEqual({ distance: 25, angle: 50, ce: 1 });
  expect(weights("pkt")).toEqual({ probability: 30000, ce: 1 });
  expect(weights("nst")).toEqual({ selectivity: 50, ce: 1 });
  expect(weights("ickd")).toEqual({ correlation: 2.5, ce: 1 });
  expect(weights("ft")).toEqual({ factor: 200, ce: 1 });
  // After their stage these learn from the labels alone.
  expect(weights("fsp")).toEqual({ flow: 0, ce: 1 });
  expect(weights("ab")).toEqual({ boundary: 0, ce: 1 });
});

describe("what is kept for an image", () => {
  test("is an attention map a stage but the first, at the smaller of both sizes", () => {
    expect(targetShapes(taught("at"))).toEqual({ "stage 1": [1, 16, 16], "stage 2": [1, 8, 8] });
    const chosen = { studentFeatures: ["features.5"], teacherFeatures: ["features.3"] };
    expect(targetShapes(taught("at", chosen))).toEqual({ "stage 1": [1, 8, 8] });
  });

  test("is the flow between all stages", () => {
    expect(targetShapes(taught("fsp", {}, narrow, wide))).toEqual({
      "stage 1": [1, 32, 64],
      "stage 2": [1, 64, 128],
      "stage 3": [1, 128, 256],
    });
  });

  test("is the vector that the classifier sees, or a module's flattened output", () => {
    for (const method of ["cc", "rkd", "pkt"]) {
      expect(targetShapes(taught(method))).toEqual({ embedding: [1, 512] });
      expect(targetShapes(taught(method, { teacherFeature: "features.9" }))).toEqual({ embedding: [1, 2048] });
    }
  });
});

describe("connectors", () => {
  test("stand only where numbers of channels differ", () => {
    expect(Object.keys(taught("ab", {}, narrow, createModel("resnet20")).extras)).toEqual([]);
    expect(Object.keys(taught("ab", {}, narrow, wide).extras)).toEqual(["connector1", "connector2", "connector3"]);
    expect(Object.keys(taught("fsp", {}, narrow, wide).extras)).toHaveLength(4);
    expect(Object.keys(taught("fsp").extras)).toEqual(["connector1", "connector2", "connector3"]);
  });

  test("rest after their stage, unless the loss goes on", () => {
    const boundaries = (boundaryWeight: number) => taught("ab", { boundaryWeight }, narrow, wide);
    expect(trained(boundaries(0), boundaries(0).objective.stages[0])).toContain("connector3");
    expect(trained(boundaries(0))).toEqual(["student"]);
    expect(trained(boundaries(2))).toContain("connector3");
  });

  test("in a combination a stage trains its own method's", () => {
    const both = taught("ab+cc", {}, narrow, wide);
    expect(trained(both, both.objective.stages[0])).toEqual([
      "student",
      "ab/connector1",
      "ab/connector2",
      "ab/connector3",
    ]);
    expect(trained(both)).toEqual(["student", "cc/studentEmbedding", "cc/teacherEmbedding"]);
  });
});

test("the paraphraser is trained by its stage alone, and the student by what follows", () => {
  const given = taught("ft", { rate: 0.25 });
  expect(trained(given, given.objective.stages[0])).toEqual(["paraphraser", "decoder"]);
  expect(trained(given)).toEqual(["student", "translator"]);
  expect(given.extras["paraphraser"]!.module.children!["4"]!.parameters!["bias"]!.tensor.shape).toEqual([8]);
});

test.each(["ab", "fsp", "ft"] as const)("the stage of %s lowers its loss", async (name) => {
  const [model, teacher] = [createModel("LightNN"), createModel("DeepNN")];
  const given = learner(model, objectiveNamed(name), teacher);
  const [stage] = given.objective.stages;
  const optimiser = adam({ learningRate: 0.001 }).attach(trainedParameters(given, stage));
  const { graph } = trainingStep(given, 4, optimiser, { stage: stage! });
  const engine = await wasmEngine({ threads: 2 });
  const random = torchRandom(1);
  for (const [tensor, values] of initialise(teacher.module, random)) await engine.write(tensor, values);
  for (const [tensor, values] of initialise(model.module, random, Object.values(given.extras)))
    await engine.write(tensor, values);
  const program = await engine.compile(graph);
  const images = random.normal(4 * 3 * 32 * 32, 0, 1);
  const losses: number[] = [];
  for (let step = 1; step <= 15; step++)
    losses.push((await program.run({ images, ...optimiser.scalars(step) }))["loss"]![0]!);
  await engine.close();
  expect(losses.at(-1)! / losses[0]!).toBeLessThan(0.9);
});

test("what does not fit is refused by name and shape", () => {
  const both = /\[1, 16, 8, 8\] for the student and \[1, 10\] for the teacher; choose other modules/;
  const refused = expect.objectContaining({ code: "SHAPE", message: expect.stringMatching(both) });
  for (const method of ["ft", "ickd"]) expect(() => taught(method, { teacherFeature: "classifier" })).toThrow(refused);
  for (const method of ["at", "nst", "ab"])
    expect(() => taught(method, { teacherFeatures: ["classifier"] })).toThrow(refused);
  expect(() => taught("at", { teacherFeatures: ["feature"] })).toThrow(/did you mean features\?/);
  expect(() => taught("fsp", { studentFeatures: ["features.5"] })).toThrow(/at least two, got 1.*studentFeatures/);
});
