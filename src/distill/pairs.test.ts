import { describe, expect, test } from "vitest";
import { wasmEngine } from "../engine/wasm/index.ts";
import { createModel, ensemble } from "../models/index.ts";
import { initialise } from "../nn/index.ts";
import { adam, scalarsAt } from "../optim/index.ts";
import { torchRandom } from "../random/index.ts";
import { learner, type Learner } from "./learner.ts";
import { trainedParameters } from "../train/states.ts";
import { observe, probe, weightsOf } from "./observe.ts";
import { trainingStep } from "../train/step.ts";
import { matched } from "./pairs.ts";
import { objectiveNamed } from "./index.ts";

const [light, deep] = [createModel("LightNN"), createModel("DeepNN")];
const [narrow, wide] = [createModel("resnet8"), createModel("resnet8x4")];

const learnerOf = (method: string, options: Readonly<Record<string, unknown>> = {}, student = light, teacher = deep) =>
  learner(student, objectiveNamed(method, options), teacher);

const targetShapes = ({ objective, model, teacher, pairings }: Learner) => {
  const [seen, student] = [observe(teacher!, probe(teacher!), false), observe(model, probe(model), false)];
  const targets = objective.targets(seen, weightsOf(teacher, objective.name), student, pairings);
  return Object.fromEntries(Object.entries(targets).map(([name, { shape }]) => [name, shape]));
};

/** The auxiliary modules that a pre-training phase trains, or the training proper, and `student` if it is trained. */
const trained = (subject: Learner, phase?: Learner["objective"]["pretraining"][number]) => {
  const names = [...trainedParameters(subject, phase).keys()].map((path) => path.split(".")[0]!);
  return [...new Set(names.map((name) => (name in subject.auxiliaries ? name : "student")))];
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
  // After their pre-training these learn from the labels alone.
  expect(weights("fsp")).toEqual({ flow: 0, ce: 1 });
  expect(weights("ab")).toEqual({ boundary: 0, ce: 1 });
});

/** `teacher=student` of each pair. */
const pairsOf = (method: string, student: string, teacher: string, options = {}) =>
  learnerOf(method, options, createModel(student), createModel(teacher)).pairings.map(
    ({ teacher: { output: of }, student: { output: by } }) => `${of}=${by}`,
  );

describe("stages that belong together", () => {
  test("LightNN's second convolution is compared with one stage of the teacher, that of its size", () => {
    for (const method of ["at", "nst", "ab", "vid", "ofd", "reviewkd", "fitnet"])
      expect(pairsOf(method, "LightNN", "resnet20")).toEqual(["layer2=features.4"]);
    expect(pairsOf("fsp", "LightNN", "resnet20")).toEqual(["layer1=features.1", "layer2=features.4"]);
    expect(pairsOf("at", "LightNN", "DeepNN")).toEqual(["features.8=features.4"]);
    expect(pairsOf("at", "resnet8", "LightNN")).toEqual(["features.4=layer2"]);
  });

  test("as many of both pair in order, as the published comparisons pair them", () => {
    const threes = ["layer1=layer1", "layer2=layer2", "layer3=layer3"];
    expect(pairsOf("at", "resnet8x4", "resnet32x4")).toEqual(threes);
    expect(pairsOf("at", "ShuffleV1", "resnet32x4")).toEqual(threes);
    expect(pairsOf("at", "ShuffleV2", "wrn_40_2")).toEqual(["block1=layer1", "block2=layer2", "block3=layer3"]);
    expect(pairsOf("at", "wrn_16_2", "wrn_40_2")).toEqual(["block1=block1", "block2=block2", "block3=block3"]);
    expect(pairsOf("at", "vgg8", "vgg13")).toEqual([1, 2, 3, 4].map((i) => `block${i}.relu=block${i}.relu`));
    expect(pairsOf("at", "MobileNetV2", "vgg13")).toEqual(
      [1, 2, 4, 6].map((block, i) => `block${i + 1}.relu=blocks.${block}`),
    );
    expect(pairsOf("at", "MobileNetV2", "ResNet50")).toEqual(
      [1, 2, 4, 6].map((block, i) => `layer${i + 1}=blocks.${block}`),
    );
    expect(pairsOf("fitnet", "vgg8", "vgg13")).toEqual(["block2.relu=block2.relu"]);
    expect(pairsOf("fitnet", "resnet8x4", "resnet32x4")).toEqual(["layer2=layer2"]);
  });

  test("where one network has more, sizes decide, and the deeper of equals is taken", () => {
    expect(pairsOf("at", "resnet8", "vgg8")).toEqual([
      "block1.relu=layer1",
      "block2.relu=layer2",
      "block4.relu=layer3",
    ]);
    expect(pairsOf("at", "vgg8", "resnet8")).toEqual([
      "layer1=block1.relu",
      "layer2=block2.relu",
      "layer3=block4.relu",
    ]);
    expect(matched([16], [32, 16, 8])).toEqual([1]);
    expect(matched([4, 4], [16, 8, 4, 4])).toEqual([2, 3]);
    expect(matched([8, 4], [8, 8, 8])).toEqual([1, 2]);
    expect(matched([32, 2], [32, 16, 8, 4])).toEqual([0, 3]);
  });

  test("one map is the last one as the network goes on with it, one vector what the classifier sees", () => {
    for (const method of ["sp", "ft", "ickd", "cosine", "regressor"])
      expect(pairsOf(method, "LightNN", "DeepNN")).toEqual(["features.9=features.5"]);
    for (const method of ["cc", "rkd", "pkt", "srrl"])
      expect(pairsOf(method, "LightNN", "resnet20")).toEqual(["pooled=classifier.1"]);
    expect(pairsOf("kd", "LightNN", "resnet20")).toEqual([]);
  });

  test("a stage that is another one pooled is refused, for it would be compared twice", () => {
    const copied = createModel("LightNN");
    const features = copied.features!.toSpliced(2, 0, { output: "features.5", preActivation: "features.5" });
    const make = () => learnerOf("at", {}, { ...copied, features }, narrow);
    expect(make).toThrow(/features\.5 should be no stage .* made of stage features\.4 without any parameter.*pooled/);
    expect(make).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });
});

test("a network without a map before its vector has nothing to pair", () => {
  const flat = { ...createModel("LightNN"), features: createModel("LightNN").features!.slice(-1) };
  for (const method of ["at", "fsp", "fitnet"])
    expect(() => learnerOf(method, {}, flat, narrow)).toThrow(
      expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/got 0 of the student .*pairs/) }),
    );
  expect(() => learnerOf("sp", {}, flat, narrow)).toThrow(/declares no stages.*--pair teacher=student/s);
});

describe("pairs that are chosen", () => {
  const pairs = [
    { teacher: "layer1", student: "features.1" },
    { teacher: "layer3", student: "features.5" },
  ];

  test("are compared in their order, a declared stage with its norm and its map before the activation", () => {
    for (const method of ["at", "fsp"])
      expect(pairsOf(method, "LightNN", "resnet20", { pairs })).toEqual(["layer1=features.1", "layer3=features.5"]);
    const [first, second] = learnerOf("ofd", { pairs }, light, createModel("resnet20")).pairings;
    expect(first).toMatchObject({ method: "ofd", teacher: { preActivation: "layer1.2.sum", norm: "layer1.2.bn2" } });
    expect(first).toMatchObject({ student: { preActivation: "features.0", shape: [16, 32, 32] } });
    expect(second).toMatchObject({ student: { preActivation: "features.5", shape: [16, 8, 8] } });
  });

  test("serve teachers that declare no stages", () => {
    const several = ensemble([createModel("resnet8"), createModel("LightNN")]);
    const paired = { pairs: [{ teacher: "0.layer2", student: "features.4" }] };
    expect(learnerOf("at", paired, light, several).pairings[0]!.teacher.output).toBe("0.layer2");
  });

  test("go to every method of a combination that compares places, or to one by its name", () => {
    const one = [{ teacher: "layer2", student: "features.4" }];
    expect(pairsOf("kd+at+sp", "LightNN", "resnet20", { pairs: one })).toEqual(Array(2).fill("layer2=features.4"));
    expect(pairsOf("at+sp", "LightNN", "resnet20", { "at.pairs": pairs })).toEqual([
      "layer1=features.1",
      "layer3=features.5",
      "layer3=features.5",
    ]);
    expect(() => pairsOf("at+sp", "LightNN", "resnet20", { pairs })).toThrow(/sp: it compares one pair.*sp\.pairs/);
  });

  test("name the student's own modules where the method makes another network of it", () => {
    const paired = { pairs: [{ teacher: "layer2", student: "features.4" }] };
    const { pairings } = learnerOf("simkd+at", paired, light, createModel("resnet20"));
    expect(pairings.find(({ method }) => method === "at")!.student.output).toBe("student.features.4");
    const dropped = { pairs: [{ teacher: "pooled", student: "classifier.1" }] };
    expect(() => learnerOf("simkd+pkt", dropped, light, createModel("resnet20"))).toThrow(
      /pkt: student\.classifier\.1 is no part of the network that is trained.*; choose another place/,
    );
  });

  test("that fit nothing are refused, telling which stages there are", () => {
    const refused = (teacher: string, student: string) => () =>
      learnerOf("at", { pairs: [{ teacher, student }] }, light, createModel("resnet20"));
    expect(refused("layer2", "feature.4")).toThrow(
      /unknown module "feature\.4" of LightNN; did you mean features\.4\? Its stages: features\.1 \[16, 32, 32\], features\.4 \[16, 16, 16\]/,
    );
    expect(refused("features.4", "layer2")).toThrow(/of LightNN.*A pair names the teacher's module first/);
    expect(refused("layer2", "")).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
    expect(refused("layer7", "features.4")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
    const twice = [1, 2].map(() => ({ teacher: "layer2", student: "features.4" }));
    expect(() => learnerOf("at", { pairs: twice }, light, createModel("resnet20"))).toThrow(/given once/);
    for (const method of ["sp", "cc", "cosine", "fitnet", "srrl"])
      expect(() => learnerOf(method, { pairs }, light, createModel("resnet20"))).toThrow(
        expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/one pair .* got 2/) }),
      );
    expect(() => objectiveNamed("kd", { pairs })).toThrow(expect.objectContaining({ code: "ARGUMENT" }));
  });
});

describe("what is cached for an image", () => {
  test("is an attention map a stage but the first, at the smaller of both sizes", () => {
    expect(targetShapes(learnerOf("at"))).toEqual({ "pair 1 map": [1, 16, 16] });
    expect(targetShapes(learnerOf("at", {}, narrow, wide))).toEqual({
      "pair 1 map": [1, 32, 32],
      "pair 2 map": [1, 16, 16],
      "pair 3 map": [1, 8, 8],
    });
    const chosen = { pairs: [{ teacher: "features.3", student: "features.5" }] };
    expect(targetShapes(learnerOf("at", chosen))).toEqual({ "pair 1 map": [1, 8, 8] });
  });

  test("is the flow between all stages", () => {
    expect(targetShapes(learnerOf("fsp", {}, narrow, wide))).toEqual({
      "flow 1": [1, 32, 64],
      "flow 2": [1, 64, 128],
      "flow 3": [1, 128, 256],
    });
  });

  test("is the vector that the classifier sees, or a module's flattened output", () => {
    for (const method of ["cc", "rkd", "pkt"]) {
      expect(targetShapes(learnerOf(method))).toEqual({ "pair 1 embedding": [1, 512] });
      expect(targetShapes(learnerOf(method, { pairs: [{ teacher: "features.9", student: "classifier.1" }] }))).toEqual({
        "pair 1 embedding": [1, 2048],
      });
    }
  });
});

describe("connectors", () => {
  test("stand only where numbers of channels differ", () => {
    expect(Object.keys(learnerOf("ab", {}, narrow, createModel("resnet20")).auxiliaries)).toEqual([]);
    expect(Object.keys(learnerOf("ab", {}, narrow, wide).auxiliaries)).toEqual([
      "connector1",
      "connector2",
      "connector3",
    ]);
    expect(Object.keys(learnerOf("fsp", {}, narrow, wide).auxiliaries)).toHaveLength(4);
    expect(Object.keys(learnerOf("fsp").auxiliaries)).toEqual(["connector1", "connector2"]);
  });

  test("rest after their pre-training, unless the loss goes on", () => {
    const boundaries = (boundaryWeight: number) => learnerOf("ab", { boundaryWeight }, narrow, wide);
    expect(trained(boundaries(0), boundaries(0).objective.pretraining[0])).toContain("connector3");
    expect(trained(boundaries(0))).toEqual(["student"]);
    expect(trained(boundaries(2))).toContain("connector3");
  });

  test("in a combination a phase trains its own method's", () => {
    const both = learnerOf("ab+cc", {}, narrow, wide);
    expect(trained(both, both.objective.pretraining[0])).toEqual([
      "student",
      "ab/connector1",
      "ab/connector2",
      "ab/connector3",
    ]);
    expect(trained(both)).toEqual(["student", "cc/studentEmbedding", "cc/teacherEmbedding"]);
  });
});

test("the paraphraser is trained by its phase alone, and the student by what follows", () => {
  const subject = learnerOf("ft", { rate: 0.25 });
  expect(trained(subject, subject.objective.pretraining[0])).toEqual(["paraphraser", "decoder"]);
  expect(trained(subject)).toEqual(["student", "translator"]);
  expect(subject.auxiliaries["paraphraser"]!.module.children!["4"]!.parameters!["bias"]!.tensor.shape).toEqual([8]);
});

test.each(["ab", "fsp", "ft"] as const)("the pre-training of %s lowers its loss", async (name) => {
  const [model, teacher] = [createModel("LightNN"), createModel("DeepNN")];
  const subject = learner(model, objectiveNamed(name), teacher);
  const [pretraining] = subject.objective.pretraining;
  const optimiser = adam({ learningRate: 0.001 }).attach(trainedParameters(subject, pretraining));
  const { graph } = trainingStep(subject, 4, optimiser, { pretraining: pretraining! });
  const engine = await wasmEngine({ threads: 2 });
  const random = torchRandom(1);
  for (const [tensor, values] of initialise(teacher.module, random)) await engine.write(tensor, values);
  for (const [tensor, values] of initialise(model.module, random, Object.values(subject.auxiliaries)))
    await engine.write(tensor, values);
  const program = await engine.compile(graph);
  const images = random.normal(4 * 3 * 32 * 32, 0, 1);
  const losses: number[] = [];
  for (let step = 1; step <= 15; step++)
    losses.push((await program.run({ images, ...scalarsAt(optimiser, step) }))["loss"]![0]!);
  await engine.close();
  expect(losses.at(-1)! / losses[0]!).toBeLessThan(0.9);
});

test("what does not fit is refused by name and shape", () => {
  const both = /\[1, 16, 8, 8\] for the student and \[1, 10\] for the teacher; choose other modules/;
  const refused = expect.objectContaining({ code: "SHAPE", message: expect.stringMatching(both) });
  const pairs = [{ teacher: "classifier", student: "features.5" }];
  for (const method of ["ft", "ickd", "at", "nst", "ab"]) expect(() => learnerOf(method, { pairs })).toThrow(refused);
  const single = [{ teacher: "features.9", student: "features.5" }];
  expect(() => learnerOf("fsp", { pairs: single })).toThrow(/at least two pairs .* got 1.*pairs/);
});
