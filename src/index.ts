/** @file The public API: what runs in Node and in browsers alike. Files and folders are in node.ts, published as `limbeck/node`. */

// Tensors are nodes of a graph, written as ordinary functions; gradients extend the graph.
export {
  abs,
  add,
  avgPool2d,
  batchMoments,
  batchNormEval,
  batchNormTrain,
  broadcastTo,
  channelShuffle,
  clamp,
  concat,
  constant,
  conv2d,
  convTranspose2d,
  div,
  equal,
  exp,
  flatten,
  gradients,
  input,
  less,
  linear,
  log,
  logSoftmax,
  matmul,
  max,
  maxPool2d,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  oneHot,
  permute,
  gather,
  indexCopy,
  relu,
  reshape,
  row,
  sign,
  slice,
  softmax,
  sqrt,
  square,
  state,
  stopGradient,
  sub,
  sum,
  indexSelect,
  transpose,
  upsampleNearest2d,
  type ClampOptions,
  type ConvOptions,
  type DType,
  type Graph,
  type NormParameters,
  type PoolOptions,
  type ReduceOptions,
  type Shape,
  type SliceOptions,
  type Tensor,
  type Update,
} from "./tensor/index.ts";

// Engines run graphs and keep the values of states.
export type { Engine, Inputs, Outputs, Program } from "./engine/engine.ts";
export { referenceEngine, type ReferenceOptions } from "./engine/reference/index.ts";
export { wasmEngine, type WasmEngine, type WasmEngineOptions } from "./engine/wasm/index.ts";

// Networks: layers, models by name, first values as PyTorch draws them, weights under PyTorch's names.
export * as nn from "./nn/index.ts";
export {
  createModel,
  deepNN,
  ensemble,
  lightNN,
  models,
  type FeaturePlace,
  type Model,
  type ModelEntry,
  type ModelName,
  type ModelOptions,
  type Architecture,
  type EnsembleArchitecture,
  type TableArchitecture,
  type TaughtArchitecture,
} from "./models/index.ts";
export { loaderOrder, torchRandom, type Random, type RandomState } from "./random/index.ts";
export {
  fitWeights,
  readSafetensors,
  weightsFileBytes,
  writeSafetensors,
  type StoredTensor,
  type StoredTensors,
} from "./weights/index.ts";

export {
  loadModel,
  saveModel,
  type LoadedModel,
  type LoadModelOptions,
  type ModelDescription,
  type SaveModelOptions,
} from "./model-file/index.ts";

// Images in memory, and batches of them.
export { splitOf, type Dataset, type Split } from "./data/dataset.ts";
export { datasets, loadDataset, type DatasetEntry, type DatasetName, type LoadOptions } from "./data/index.ts";
export {
  augmentOptions,
  gatherViews,
  type Augment,
  type AugmentInput,
  type AugmentOptions,
  type ImageSource,
} from "./data/augment.ts";
export { holdOut } from "./data/hold-out.ts";
export { limit } from "./data/limit.ts";
export { batches, gatherImages, gatherLabels, normaliser, type BatchRange } from "./data/loader.ts";
export { imagePng } from "./data/png.ts";
export { shapes, type ShapesOptions } from "./data/shapes.ts";

// Distillation: losses, methods made of them, and a method with its options resolved.
export {
  combined,
  cosineLoss,
  crossEntropy,
  findMethod,
  meanSquaredError,
  methods,
  objective,
  objectiveNamed,
  option,
  pairedMaps,
  pairedStages,
  pairedVectors,
  pairsOption,
  softTargetLoss,
  sumOverPairs,
  type AnyMethod,
  type Batch,
  type ComparedStage,
  type AuxiliaryModule,
  type Labels,
  type Losses,
  type MadeStudent,
  type Method,
  type MethodName,
  type Needs,
  type Objective,
  type Observed,
  type Option,
  type PairedPaths,
  type Pairing,
  type Place,
  type Setting,
  type Stage,
  type StagePair,
  type StagePaths,
  type Targets,
  type TeacherWeights,
  type PretrainingPhase,
  type Weight,
} from "./distill/index.ts";

// Training, and how well it went.
export {
  adam,
  adamW,
  clipped,
  createOptimiser,
  createScheduled,
  optimisers,
  scalarsAt,
  schedule,
  schedules,
  sgd,
  warmedUp,
  type AdamOptions,
  type AdamWOptions,
  type AttachedOptimiser,
  type Optimiser,
  type OptimiserEntry,
  type OptimiserName,
  type PerLossGradients,
  type Schedule,
  type ScheduleEntry,
  type Scheduled,
  type ScheduledInput,
  type ScheduleName,
  type SgdOptions,
  type TrainingLength,
} from "./optim/index.ts";
export {
  cacheTeacherOutputs,
  decodeCheckpoint,
  encodeCheckpoint,
  evaluate,
  evaluating,
  learner,
  observe,
  result,
  train,
  trainedParameters,
  type CachedOutput,
  type Checkpoint,
  type Checkpoints,
  type EpochEvent,
  type EvaluateOptions,
  type Evaluation,
  type Learner,
  type LearnerOptions,
  type Progress,
  type StepEvent,
  type TeacherCache,
  type TrainEvent,
  type TrainOptions,
  type ValidationEvent,
} from "./train/index.ts";

// The everyday way.
export {
  createTrainer,
  type DistillSettings,
  type Trainer,
  type TrainerOptions,
  type TrainingSettings,
  type TrainSettings,
} from "./experiment/trainer.ts";

// What finished runs say, as a page and as tables.
export type { Environment, Results, RunRecord } from "./experiment/record.ts";
export { comparison, markdownTable, terminalTable, type Row } from "./report/comparison.ts";
export type { StepLoss } from "./report/curves.ts";
export { headline, type Headline } from "./report/headline.ts";
export { report, type ReportInput } from "./report/report.ts";

export { LimbeckError, type ErrorCode } from "./errors.ts";
