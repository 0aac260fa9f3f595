import { expect, test } from "vitest";
import { engineRequests } from "../engine/engines.ts";
import { parseConfig } from "./config.ts";

test("a whole configuration comes from an empty one", () => {
  expect(parseConfig("tutorial", { dataset: "cifar10" })).toEqual({
    recipe: "tutorial",
    tensorboard: false,
    dataset: "cifar10",
    batchSize: 128,
    dropLast: false,
    engine: "auto",
    latency: true,
    epochs: 10,
    seed: 42,
    dropout: 0.1,
    optimiser: "adam",
    learningRate: 1e-3,
    parameterGroups: [],
    decayOn: "all",
    freeze: [],
    optimiserOptions: { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
    schedule: "constant",
    scheduleOptions: {},
    warmUp: 0,
    accumulate: 1,
    labelSmoothing: 0,
    balance: "none",
    augment: {},
    keep: "last",
    teacherMemory: 1024,
    teacherViews: "view",
    tta: "none",
    tested: true,
    trainAccuracy: false,
  });
  expect(parseConfig("tutorial", { dataset: "cifar10" }).epochs).toBe(10);
});

test("the benchmark's recipe, and what goes before it", () => {
  expect(parseConfig("train", { recipe: "benchmark", dataset: "cifar100" })).toMatchObject({
    epochs: 240,
    batchSize: 64,
    optimiser: "sgd",
    learningRate: 0.05,
    optimiserOptions: { momentum: 0.9, weightDecay: 5e-4, nesterov: false },
    schedule: "step",
    scheduleOptions: { milestones: [150, 180, 210], gamma: 0.1 },
    augment: { crop: { padding: 4, border: "black" }, flip: { probability: 0.5, alternating: false } },
  });
  const given = { recipe: "benchmark", epochs: 16, optimiserOptions: { momentum: 0.5 }, augment: {} };
  expect(parseConfig("train", given)).toMatchObject({
    scheduleOptions: { milestones: [10, 12, 14] },
    optimiserOptions: { momentum: 0.5, weightDecay: 5e-4 },
    augment: {},
  });
  const other = parseConfig("train", { recipe: "benchmark", optimiser: "adamw", schedule: "cosine" });
  expect(other.optimiserOptions).toEqual({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 });
  expect(other.scheduleOptions).toEqual({ etaMin: 0 });
});

test("the benchmark's recipe starts some networks lower, as the repository it is from does", () => {
  const rate = (model: string, more = {}) => parseConfig("train", { recipe: "benchmark", model, ...more }).learningRate;
  expect(["resnet8", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2"].map((model) => rate(model))).toEqual([
    0.05, 0.05, 0.01, 0.01, 0.01,
  ]);
  expect(rate("ShuffleV1", { learningRate: 0.02 })).toBe(0.02);
  const taught = { recipe: "benchmark", teacher: "t.safetensors", student: "MobileNetV2" };
  expect(parseConfig("distill", taught).learningRate).toBe(0.01);
  expect(parseConfig("train", { model: "MobileNetV2" }).learningRate).toBe(0.001);
});

test("a method's options are all there, the preset's among them", () => {
  const distil = (more: object) => parseConfig("distill", { teacher: "t.safetensors", ...more });
  expect(distil({}).options).toEqual({ temperature: 2, kdWeight: 0.25, standardise: false, ceWeight: 0.75 });
  const config = distil({ preset: "cifar", options: { ceWeight: 0.2 } });
  expect(config).toMatchObject({ preset: "cifar", options: { temperature: 4, kdWeight: 0.9, ceWeight: 0.2 } });
  expect(parseConfig("distill", JSON.parse(JSON.stringify(config)))).toEqual(config);
  expect(() => distil({ preset: "cifr" })).toThrow(/Known: tutorial, cifar/);
  expect(() => distil({ preset: 5 })).toThrow(expect.objectContaining({ code: "CONFIG" }));
  expect(parseConfig("train", { method: "tfkd", preset: "cifar" }).options).toMatchObject({ temperature: 20 });
});

test.each([
  [{ optimiser: "sgd", optimiserOptions: { momentun: 0.9 } }, /optimiserOptions: .*momentun/],
  [{ optimiser: "sgd", optimiserOptions: { nesterov: true } }, /optimiserOptions\.nesterov: needs a momentum/],
  [{ optimiserOptions: { learningRate: 1 } }, /give learningRate beside optimiserOptions/],
  [{ schedule: "step", scheduleOptions: { milestones: [0.5] } }, /scheduleOptions\.milestones\.0/],
  [{ schedule: "cosin" }, /schedule: /],
  [{ augment: { crop: { pading: 1 } } }, /augment\.crop: .*pading/],
  [{ augment: { corp: {} } }, /augment: .*corp/],
  [{ keep: "best" }, /keep: .*validation/],
  [{ warmUp: 4 }, /warmUp: should be less than the 4 epochs/],
  [{ ema: 1 }, /ema: /],
  [{ quantize: "int4" }, /quantize: /],
  [{ quantizeEpochs: 1 }, /quantizeEpochs: .*give that too/],
  [{ quantizeFor: "onnx" }, /quantizeFor: .*give that too/],
  [{ quantize: "int8", quantizeFor: "coreml" }, /quantizeFor: /],
  [{ quantize: "int8", quantizeEpochs: 5 }, /quantizeEpochs: should be at most the 4 epochs/],
  [{ accumulate: 0 }, /accumulate: /],
  [{ batchSize: 16, accumulate: 17 }, /accumulate: should be at most the 16 images of a batch/],
  [{ parameterGroups: [{ parameters: "*" }] }, /parameterGroups\.0: should have a learningRateFactor/],
  [{ parameterGroups: [{ parameters: "*", weightDecay: -1 }] }, /parameterGroups\.0\.weightDecay: /],
  [{ freeze: [{ parameters: "*", afterEpochs: 0.5 }] }, /freeze\.0\.afterEpochs: /],
  [{ lookahead: 5, ema: 0.9 }, /lookahead: averages the weights, as ema does/],
  [{ decayOn: "some" }, /decayOn: /],
  [{ clip: 0, validation: 0 }, /clip: [^]*validation: /],
  [{ learningRate: 1e308, clip: 1e308, teacherMemory: 1e308 }, /learningRate: [^]*clip: [^]*teacherMemory: /],
  [{ epochs: 1e15 }, /epochs: /],
  [{ optimiserOptions: { weightDecay: 1e308 } }, /optimiserOptions\.weightDecay: /],
  [{ schedule: "cosine", scheduleOptions: { etaMin: 1e308 } }, /scheduleOptions\.etaMin: /],
  [{ schedule: "one-cycle", scheduleOptions: { divFactor: 1e-308 } }, /scheduleOptions\.divFactor: /],
])("%j is refused with its path", (given, message) => {
  expect(() => parseConfig("train", given)).toThrow(message);
});

test("int8 is expected in a fifth of the epochs, at least one, or in so many as are said, for the web or as is said", () => {
  const epochsOf = (given: object) => parseConfig("train", given).quantizeEpochs;
  expect(epochsOf({})).toBeUndefined();
  expect([1, 4, 10, 240].map((epochs) => epochsOf({ quantize: "int8", epochs }))).toEqual([1, 1, 2, 48]);
  expect(epochsOf({ quantize: "int8", quantizeEpochs: 3 })).toBe(3);
  const formatOf = (given: object) => parseConfig("train", given).quantizeFor;
  expect([{}, { quantize: "int8" }, { quantize: "int8", quantizeFor: "onnx" }].map(formatOf)).toEqual([
    undefined,
    "web",
    "onnx",
  ]);
});

test("a configuration read back is the same", () => {
  const config = parseConfig("distill", { teacher: "t.safetensors", options: { temperature: 4 }, limit: 5 });
  expect(parseConfig("distill", JSON.parse(JSON.stringify(config)))).toEqual(config);
  const recipe = parseConfig("train", { recipe: "benchmark", epochs: 7, warmUp: 1, clip: 5, ema: 0.99, validation: 8 });
  expect(parseConfig("train", JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
});

test("a momentum that the schedule would override is refused; the configuration records the schedule's", () => {
  const cycle = { schedule: "one-cycle", optimiser: "sgd" };
  for (const [given, message] of [
    [{ optimiserOptions: { momentum: 0.9 } }, /optimiserOptions\.momentum: one-cycle sets .* 0\.85 .*got 0\.9/],
    [{ optimiser: "adam", optimiserOptions: { betas: [0.9, 0.99] } }, /optimiserOptions\.betas\.0: one-cycle sets/],
    [{ recipe: "benchmark", optimiserOptions: { momentum: 0.9 } }, /optimiserOptions\.momentum: one-cycle sets/],
    [{ optimiserOptions: { momentum: 0.85 }, scheduleOptions: { baseMomentum: 0.8 } }, /0\.8 where/],
  ] as const) {
    expect(() => parseConfig("train", { ...cycle, ...given })).toThrow(message);
  }
  const config = parseConfig("train", { ...cycle, recipe: "benchmark", optimiserOptions: { nesterov: true } });
  expect(config.optimiserOptions).toMatchObject({ momentum: 0.85, weightDecay: 5e-4, nesterov: true });
  expect(parseConfig("train", JSON.parse(JSON.stringify(config)))).toEqual(config);
  const adam = parseConfig("train", { schedule: "one-cycle", scheduleOptions: { baseMomentum: 0.8 } });
  expect(adam.optimiserOptions["betas"]).toEqual([0.8, 0.999]);
  expect(parseConfig("train", JSON.parse(JSON.stringify(adam)))).toEqual(adam);
  const still = { ...cycle, scheduleOptions: { cycleMomentum: false }, optimiserOptions: { momentum: 0.9 } };
  expect(parseConfig("train", still).optimiserOptions["momentum"]).toBe(0.9);
});

test("options of a network's own are checked with the rest, and recorded only where they are given", () => {
  const modelOptions = { widths: [8, 16, 16] };
  expect(parseConfig("train", { model: "airbench94", modelOptions })).toMatchObject({ modelOptions });
  expect(parseConfig("train", { model: "airbench94" })).not.toHaveProperty("modelOptions");
  const refused: readonly (readonly [Parameters<typeof parseConfig>[0], object, RegExp])[] = [
    ["train", { modelOptions: { depth: 8 } }, /^LightNN: unknown option "depth"/],
    ["train", { model: "airbench94", modelOptions: { width: 8 } }, /did you mean widths\?/],
    [
      "distill",
      { teacher: "a.safetensors", student: "airbench94", studentOptions: { scale: -1 } },
      /scale should be a/,
    ],
    ["distill", { teacher: "a.safetensors", teacherModelOptions: { scale: 1 } }, /^DeepNN: unknown option "scale"/],
    ["distill", { teacher: "a.onnx", teacherModelOptions: { scale: 1 } }, /teacherModelOptions: they are for weights/],
    ["evaluate", { weights: "a", model: "airbench94", modelOptions: { widths: 8 } }, /3 whole numbers from 1 to 65535/],
  ];
  for (const [command, given, message] of refused) expect(() => parseConfig(command, given)).toThrow(message);
});

test("every problem is listed with its path", () => {
  const wrong = { epochs: 0, dropout: 1, seed: 1.5, limt: 3, engine: "gpu", batchSize: "128" };
  const parse = () => parseConfig("tutorial", wrong);
  expect(parse).toThrow(expect.objectContaining({ code: "CONFIG" }));
  for (const name of ["epochs", "dropout", "seed", "limt", "engine", "batchSize"]) expect(parse).toThrow(name);
  expect(parse).toThrow(`engine: expected ${Object.keys(engineRequests).join(", ")}, got "gpu"`);
});

test("what is no configuration at all is refused", () => {
  for (const value of [undefined, null, 3, "tutorial", []]) {
    expect(() => parseConfig("train", value)).toThrow(expect.objectContaining({ code: "CONFIG" }));
  }
});
