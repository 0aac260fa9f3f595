/** @file Every public function, and arguments that are right for it. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as everyday from "../../../src/entries/index.ts";
import * as predicting from "../../../src/entries/infer.ts";
import * as writing from "../../../src/entries/methods.ts";
import * as nn from "../../../src/entries/nn.ts";
import * as rim from "../../../src/entries/node.ts";
import * as reports from "../../../src/entries/report.ts";
import * as shipping from "../../../src/entries/ship.ts";
import * as tensors from "../../../src/entries/tensor.ts";
import * as training from "../../../src/entries/training.ts";
import { onnxFile } from "../../../test/onnx/onnx-file.ts";

/** Makes arguments anew, because some are changed by the call. */
export type Arguments = () => readonly unknown[];

const limbeck = { ...nn, ...tensors, ...writing, ...training, ...reports, ...predicting, ...everyday };
const { input } = limbeck;
const x = input("x", [2, 3]);
const images = input("images", [2, 4, 8, 8]);
const labels = input("labels", [2], "int32");
const dataset = limbeck.shapes({ train: 4, test: 2 });
const module = nn.sequential({ flatten: nn.flatten(), classifier: nn.linear(3 * 32 * 32, 10) });
const model: everyday.Model = { name: "tiny", module, inputShape: [3, 32, 32], classes: 10 };
const engine = limbeck.referenceEngine();
const random = limbeck.torchRandom(1);
const pupil = limbeck.learner(model, limbeck.objective(limbeck.methods.ce));
const split = dataset.test;
const weights = limbeck.writeSafetensors(new Map([["a", { shape: [2], values: Float32Array.of(1, 2) }]]));
const loaded = await limbeck.loadModel(await limbeck.saveModel(model, engine, { dataset }), engine, { into: model });
const network = { model, values: nn.initialise(module, limbeck.torchRandom(1)) };
const calibration = await shipping.calibrate(network, { engine, dataset, count: 2 });
const nowhere = join(tmpdir(), "limbeck-nowhere");
const slots = new Map([["w", { tensor: limbeck.state("w", [2]) }]]);
const vector = (size: number) => input(`v${size}`, [size]);
const norm = { weight: vector(4), bias: vector(4), eps: 1e-5 };
const record: reports.RunRecord = {
  name: "model",
  title: "Model",
  model: "LightNN",
  method: "ce",
  options: {},
  seed: 42,
  weights: { ce: 1 },
  parameters: 10,
  auxiliaryParameters: 0,
  bytes: 100,
  epochs: [],
  seconds: 1,
  teacherSeconds: 0,
  test: {
    accuracy: 50,
    balancedAccuracy: 50,
    largestClass: { label: 0, images: 1, percent: 50 },
    smallestClass: { label: 0, images: 1, percent: 50 },
    isUnequal: false,
    interval: [9, 91],
    correct: 1,
    count: 2,
    perClass: [],
    confusion: [],
    predictions: [0, 0],
  },
};

const graph = onnxFile({
  nodes: [
    ["GlobalAveragePool", ["x"], ["p"]],
    ["Flatten", ["p"], ["y"]],
  ],
});
const preprocessing: training.Preprocessing = {
  inputShape: [3, 8, 8],
  resize: [8, 8],
  interpolation: "bilinear",
  range: 1,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  channelOrder: "RGB",
};
const drawn = limbeck.importOnnx(graph).model;
const teacher = await limbeck.networkTeacher({ engine, model: drawn, preprocessing, identity: "graph" });
const pictures = { count: 2, image: () => new Uint8Array(192) };
const outputs = limbeck.computedOutputs({ ...teacher, classNames: ["a", "b", "c"] }, pictures);
const stand = limbeck.teacherPlaceholder(outputs, { inputShape: [3, 8, 8], classes: 3 });
const runtime = {
  InferenceSession: { create: () => Promise.reject(new Error("nothing runs here")) },
  Tensor: Array,
};
const logits = limbeck.writeSafetensors(new Map([["logits", { shape: [2, 3], values: new Float32Array(6) }]]));

const unary = {
  abs: limbeck.abs,
  exp: limbeck.exp,
  flatten: limbeck.flatten,
  log: limbeck.log,
  logSoftmax: limbeck.logSoftmax,
  neg: limbeck.neg,
  relu: limbeck.relu,
  sign: limbeck.sign,
  softmax: limbeck.softmax,
  sqrt: limbeck.sqrt,
  square: limbeck.square,
  stopGradient: limbeck.stopGradient,
  transpose: limbeck.transpose,
};
const binary = {
  add: limbeck.add,
  div: limbeck.div,
  equal: limbeck.equal,
  less: limbeck.less,
  maximum: limbeck.maximum,
  minimum: limbeck.minimum,
  mul: limbeck.mul,
  sub: limbeck.sub,
};

export const functions: Readonly<Record<string, readonly [call: (...given: never[]) => unknown, Arguments]>> = {
  ...Object.fromEntries(Object.entries(unary).map(([name, call]) => [name, [call, () => [x]]])),
  ...Object.fromEntries(Object.entries(binary).map(([name, call]) => [name, [call, () => [x, 2]]])),
  adaptiveAvgPool2d: [limbeck.adaptiveAvgPool2d, () => [images, [3, 5]]],
  avgPool2d: [limbeck.avgPool2d, () => [images, 2, { stride: 2, padding: [1, 1] }]],
  batchMoments: [limbeck.batchMoments, () => [images]],
  batchNormEval: [limbeck.batchNormEval, () => [images, vector(4), vector(4), norm]],
  batchNormTrain: [limbeck.batchNormTrain, () => [images, limbeck.batchMoments(images), norm]],
  broadcastTo: [limbeck.broadcastTo, () => [x, [4, 2, 3]]],
  channelShuffle: [limbeck.channelShuffle, () => [images, 2]],
  clamp: [limbeck.clamp, () => [x, { min: 0, max: 1 }]],
  gelu: [limbeck.gelu, () => [x, { approximate: "tanh" }]],
  concat: [limbeck.concat, () => [[x, x], 1]],
  constant: [limbeck.constant, () => [1]],
  conv2d: [
    limbeck.conv2d,
    () => [images, input("w", [2, 4, 3, 3]), vector(2), { stride: 1, padding: [1, 1], groups: 1 }],
  ],
  convTranspose2d: [
    limbeck.convTranspose2d,
    () => [images, input("w", [4, 2, 3, 3]), vector(2), { stride: 2, dilation: 1 }],
  ],
  gradients: [limbeck.gradients, () => [limbeck.sum(x), [x]]],
  input: [limbeck.input, () => ["x", [2, 3], "float32"]],
  linear: [limbeck.linear, () => [x, input("w", [4, 3]), vector(4)]],
  matmul: [limbeck.matmul, () => [x, x, { transposeB: true }]],
  max: [limbeck.max, () => [x, { axes: [1], keepDims: true }]],
  maxPool2d: [limbeck.maxPool2d, () => [images, [2, 2], { stride: 2 }]],
  mean: [limbeck.mean, () => [x, { axes: [0] }]],
  oneHot: [limbeck.oneHot, () => [labels, 5]],
  permute: [limbeck.permute, () => [x, [1, 0]]],
  gather: [limbeck.gather, () => [x, labels]],
  indexCopy: [limbeck.indexCopy, () => [x, labels, x]],
  reshape: [limbeck.reshape, () => [x, [3, -1]]],
  row: [limbeck.row, () => [x, 1]],
  slice: [limbeck.slice, () => [x, { axis: 1, from: 1, to: 2 }]],
  state: [limbeck.state, () => ["s", [2]]],
  sum: [limbeck.sum, () => [x, { axes: [1] }]],
  indexSelect: [limbeck.indexSelect, () => [x, labels]],
  lookupRows: [
    limbeck.lookupRows,
    () => [
      limbeck.state("bytes", [2, 4, 8, 8], "uint8"),
      labels,
      input("table", [4, 256]),
      { shifts: input("shifts", [2, 3], "int32"), border: "black" },
    ],
  ],
  upsampleNearest2d: [limbeck.upsampleNearest2d, () => [images, 2]],

  referenceEngine: [limbeck.referenceEngine, () => [{ precision: "float64" }]],
  "engine.compile": [
    (graph: tensors.Graph) => engine.compile(graph),
    () => [{ outputs: { y: limbeck.neg(x) }, updates: [] }],
  ],
  "engine.read": [(state: tensors.Tensor) => engine.read(state), () => [limbeck.state("s", [2])]],
  "engine.write": [
    (state: tensors.Tensor, values: Float32Array) => engine.write(state, values),
    () => [limbeck.state("s", [2]), new Float32Array(2)],
  ],
  "engine.free": [(states: Iterable<tensors.Tensor>) => engine.free(states), () => [[limbeck.state("s", [2])]]],
  "program.run": [
    async (inputs: tensors.Inputs) =>
      (await engine.compile({ outputs: { y: limbeck.neg(x) }, updates: [] })).run(inputs),
    () => [{ x: new Float32Array(6) }],
  ],

  createModel: [limbeck.createModel, () => ["LightNN", { classes: 3, inputShape: [1, 12, 20], dropout: 0.2 }]],
  deepNN: [limbeck.deepNN, () => [{ classes: 3 }]],
  lightNN: [limbeck.lightNN, () => [{ dropout: 0 }]],
  ensemble: [
    limbeck.ensemble,
    () => [
      [model, model],
      [1, 2],
    ],
  ],
  fitWeights: [
    limbeck.fitWeights,
    () => [model, new Map([["a", { shape: [2], values: new Float32Array(2) }]]), "file"],
  ],
  readSafetensors: [limbeck.readSafetensors, () => [weights, "file"]],
  writeSafetensors: [
    limbeck.writeSafetensors,
    () => [new Map([["a", { shape: [1], values: new Float32Array(1) }]]), { made: "x" }],
  ],
  weightsFileBytes: [limbeck.weightsFileBytes, () => [model]],
  saveModel: [limbeck.saveModel, () => [model, engine, { dataset, made: { by: "hand" } }]],
  predict: [
    limbeck.predict,
    () => [loaded, { data: new Float32Array(3072), width: 32, height: 32 }, { top: 2, tta: "flip" }],
  ],
  loadModel: [limbeck.loadModel, () => [weights, engine, { into: model, source: "file" }]],

  readNetwork: [shipping.readNetwork, () => [weights, { into: model, source: "file" }]],
  exportOnnx: [
    shipping.exportOnnx,
    () => [network, { precision: "int8", calibration, description: { classNames: ["a"] } }],
  ],
  calibrate: [
    shipping.calibrate,
    () => [network, { engine, dataset, split, count: 2, method: "percentile", percentile: 99 }],
  ],
  quantise: [shipping.quantise, () => [network, calibration, { top: 127 }]],

  importOnnx: [
    limbeck.importOnnx,
    () => [graph, { source: "file", inputShape: [3, 8, 8], layout: "NCHW", external: new Map() }],
  ],
  networkTeacher: [
    limbeck.networkTeacher,
    () => [{ engine, model: drawn, preprocessing, classNames: ["a", "b", "c"], identity: "graph" }],
  ],
  "teacher.outputs": [
    (...given: Parameters<training.Teacher["outputs"]>) => teacher.outputs(...given),
    () => [new Uint8Array(384), 2, ["logits"]],
  ],
  runtimeTeacher: [
    limbeck.runtimeTeacher,
    () => [
      {
        runtime,
        bytes: graph,
        source: "file",
        name: "file",
        preprocessing,
        identity: "graph",
        taps: ["p"],
        sessionOptions: {},
      },
    ],
  ],
  openTeacher: [rim.openTeacher, () => [nowhere, { engine, preprocessing, runner: "import", threads: 1 }]],
  computedOutputs: [limbeck.computedOutputs, () => [teacher, pictures]],
  forClasses: [limbeck.forClasses, () => [outputs, ["b", "a"], ["a", "b", "c"]]],
  teacherPlaceholder: [limbeck.teacherPlaceholder, () => [outputs, { inputShape: [3, 8, 8], classes: 3 }]],
  evaluatingOutputs: [limbeck.evaluatingOutputs, () => [{ outputs, labels: Uint8Array.of(0, 2) }]],
  storedLogits: [limbeck.storedLogits, () => [logits, { source: "file", count: 2, fingerprint: "f" }]],
  teacherView: [
    limbeck.teacherView,
    () => [{ channels: 1, height: 5, width: 6, pixels: new Uint8Array(30) }, preprocessing],
  ],
  keepOutputs: [
    rim.keepOutputs,
    () => [
      {
        teacher,
        outputs,
        wanted: ["logits"],
        images: { fingerprint: "f", view: "train" },
        cache: nowhere,
        most: 4,
        batchSize: 2,
      },
    ],
  ],
  cacheTargets: [limbeck.cacheTargets, () => [{ engine, outputs, teacher: stand, batchSize: 2 }, []]],
  outputsNeeded: [limbeck.outputsNeeded, () => [[], stand, outputs]],

  "nn.batchNorm2d": [nn.batchNorm2d, () => [4, { eps: 1e-5, momentum: 0.1 }]],
  "nn.conv2d": [nn.conv2d, () => [4, 2, 3, { padding: 1, groups: 2 }]],
  "nn.convTranspose2d": [nn.convTranspose2d, () => [4, 2, [3, 3], { stride: 2 }]],
  "nn.countMultiplyAdds": [nn.countMultiplyAdds, () => [module, [3, 32, 32]]],
  "nn.countParameters": [nn.countParameters, () => [module]],
  "nn.dropout": [nn.dropout, () => [0.5]],
  "nn.fitted": [nn.fitted, () => [module, { count: 1, shape: [3, 4, 4], image: () => new Float32Array(48) }]],
  "nn.whiteningConv2d": [nn.whiteningConv2d, () => [3, 2]],
  "nn.gelu": [nn.gelu, () => [{ approximate: "tanh" }]],
  "nn.initialise": [
    nn.initialise,
    () => [module, limbeck.torchRandom(1), [{ module: nn.linear(2, 2), builtAfter: "flatten" }]],
  ],
  "nn.leakyRelu": [nn.leakyRelu, () => [0.1]],
  "nn.linear": [nn.linear, () => [3, 2, { bias: true }]],
  "nn.maxPool2d": [nn.maxPool2d, () => [2, { stride: 2 }]],
  "nn.namedParameters": [nn.namedParameters, () => [module]],
  "nn.namedStates": [nn.namedStates, () => [module]],
  "nn.record": [nn.record, () => [module, input("x", [2, 3, 32, 32]), { training: true }]],
  "nn.sequential": [nn.sequential, () => [[nn.relu(), nn.flatten()]]],

  loaderOrder: [limbeck.loaderOrder, () => [random, 5, { shuffle: true }]],
  torchRandom: [limbeck.torchRandom, () => [42]],
  "random.uniform": [(...given: [number, number, number]) => random.uniform(...given), () => [4, 0, 1]],
  "random.normal": [(...given: [number, number, number]) => random.normal(...given), () => [4, 0, 1]],
  "random.permutation": [(n: number) => random.permutation(n), () => [4]],
  "random.restore": [(state: nn.RandomState) => random.restore(state), () => [random.state()]],

  augmentOptions: [limbeck.augmentOptions.safeParse.bind(limbeck.augmentOptions), () => [{ crop: { padding: 2 } }]],
  batches: [limbeck.batches, () => [10, 4]],
  gatherImages: [
    limbeck.gatherImages,
    () => [split, dataset.shape, limbeck.normaliser(dataset), [0, 1], { from: 0, to: 2 }, new Float32Array(6144)],
  ],
  gatherLabels: [limbeck.gatherLabels, () => [split, [0, 1], { from: 0, to: 2 }, new Int32Array(2)]],
  gatherViews: [
    limbeck.gatherViews,
    () => [
      { split, shape: dataset.shape, table: limbeck.normaliser(dataset) },
      [0, 1],
      { from: 0, to: 2 },
      { seed: 1, crop: { padding: 2 } },
      1,
      new Float32Array(6144),
      [0, 1],
    ],
  ],
  holdOut: [limbeck.holdOut, () => [dataset, 2, 1]],
  imagePng: [limbeck.imagePng, () => [split, dataset.shape, 1]],
  limit: [limbeck.limit, () => [dataset, 2, { seed: 1 }]],
  loadDataset: [limbeck.loadDataset, () => ["shapes", { limit: 2, seed: 1 }]],
  normaliser: [limbeck.normaliser, () => [{ shape: dataset.shape, mean: dataset.mean, std: dataset.std }]],
  shapes: [limbeck.shapes, () => [{ train: 4, test: 2, seed: 1 }]],
  splitOf: [limbeck.splitOf, () => [{ pixels: new Uint8Array(6), labels: new Uint8Array(2) }]],

  combined: [limbeck.combined, () => [[limbeck.methods.kd, limbeck.methods.ce], { temperature: 2 }]],
  cosineLoss: [limbeck.cosineLoss, () => [x, x]],
  crossEntropy: [limbeck.crossEntropy, () => [x, labels]],
  findMethod: [limbeck.findMethod, () => ["kd"]],
  meanSquaredError: [limbeck.meanSquaredError, () => [x, x]],
  objective: [limbeck.objective, () => [limbeck.methods.kd, { temperature: 2 }]],
  objectiveNamed: [limbeck.objectiveNamed, () => ["kd+dist", { temperature: 2 }]],
  softTargetLoss: [limbeck.softTargetLoss, () => [x, x, 2]],
  learner: [limbeck.learner, () => [model, limbeck.objective(limbeck.methods.kd), model, { images: 4 }]],

  adam: [limbeck.adam, () => [{ learningRate: 0.1 }]],
  adamW: [limbeck.adamW, () => [{ weightDecay: 0.1 }]],
  muon: [limbeck.muon, () => [{ others: "sgd" }]],
  sgd: [limbeck.sgd, () => [{ momentum: 0.9 }]],
  clipped: [limbeck.clipped, () => [limbeck.adam(), 1]],
  createOptimiser: [limbeck.createOptimiser, () => ["sgd", { momentum: 0.9 }]],
  createScheduled: [limbeck.createScheduled, () => ["sgd", {}, { learningRate: () => 1 }]],
  scalarsAt: [limbeck.scalarsAt, () => [{ scalars: [] }, 1]],
  "optimiser.attach": [(given: typeof slots) => limbeck.adam().attach(given), () => [slots]],
  schedule: [limbeck.schedule, () => ["step", 0.1, { steps: 10, stepsPerEpoch: 5 }, { gamma: 0.5 }]],
  warmedUp: [limbeck.warmedUp, () => [{ learningRate: () => 1 }, 5]],

  evaluate: [limbeck.evaluate, () => [{ engine, model, dataset, split, batchSize: 2, tta: "flip" }]],
  evaluating: [limbeck.evaluating, () => [{ engine, model, dataset, split, batchSize: 2, random }]],
  cacheTeacherOutputs: [limbeck.cacheTeacherOutputs, () => [{ engine, model, dataset, views: "flip" }, [pupil]]],
  observe: [limbeck.observe, () => [model, input("x", [1, 3, 32, 32]), false]],
  train: [
    limbeck.train,
    () => [
      {
        engine,
        learner: pupil,
        dataset,
        optimiser: limbeck.adam(),
        epochs: 1,
        batchSize: 2,
        random,
        emaDecay: 0.9,
      },
    ],
  ],
  trainedParameters: [limbeck.trainedParameters, () => [pupil]],
  decodeCheckpoint: [limbeck.decodeCheckpoint, () => [new Uint8Array(100), "file"]],
  encodeCheckpoint: [limbeck.encodeCheckpoint, () => [{ images: 1, states: new Map() }]],
  result: [limbeck.result, () => [limbeck.evaluating({ engine, model, dataset, split })]],

  comparison: [limbeck.comparison, () => [[record], [0, 1]]],
  headline: [limbeck.headline, () => [[record], 42, [0, 1]]],
  markdownTable: [limbeck.markdownTable, () => [limbeck.comparison([record], [0, 1])]],
  terminalTable: [limbeck.terminalTable, () => [limbeck.comparison([record], [0, 1])]],

  cacheFolder: [rim.cacheFolder, () => [nowhere]],
  readCifar10: [rim.readCifar10, () => [nowhere, { limit: 2 }]],
  evaluateFile: [rim.evaluateFile, () => [{ weights: nowhere, engine: "reference" }]],
  readWeightsFile: [rim.readWeightsFile, () => [nowhere]],
};
