/**
 * @file Published as `limbeck`: what one needs every day, in Node and in browsers alike. What is behind it has entries of its
 * own: `limbeck/infer`, `limbeck/tensor`, `limbeck/nn`, `limbeck/methods`, `limbeck/training`, `limbeck/report`, `limbeck/ship`, and
 * `limbeck/node` for files.
 */

export {
  createTrainer,
  type DistillSettings,
  type MethodSettings,
  type Trainer,
  type TrainerOptions,
  type TrainingSettings,
  type TrainSettings,
} from "../experiment/trainer.ts";

// Networks by name, and methods.
export { createModel, ensemble, models, type Model, type ModelName, type ModelOptions } from "../models/index.ts";
export { methods, type MethodName } from "../distill/index.ts";

// Images.
export { datasets, loadDataset, type DatasetName, type LoadOptions } from "../data/index.ts";
export { splitOf, type ClassLabels, type Dataset, type Split } from "../data/dataset.ts";
export { holdOut, limit } from "../data/subsets.ts";
export { shapes, type ShapesOptions } from "../data/shapes.ts";

// Networks of others.
export { importOnnx, type ImportedModel, type ImportOptions } from "../onnx/index.ts";

// What a trained network does, and its file.
export { evaluate, type EvaluateOptions } from "../train/evaluate/evaluate.ts";
export type { CalibrationBin } from "../train/evaluate/calibration.ts";
export type { AugmentedEvaluation, Evaluation } from "../train/evaluate/evaluation.ts";
export type { Tta } from "../data/test-views.ts";
export type { Interval, Share } from "../train/evaluate/interval.ts";
export {
  loadModel,
  saveModel,
  type DescribedModel,
  type LoadedModel,
  type LoadModelOptions,
  type ModelDescription,
  type SaveModelOptions,
} from "../model-file/index.ts";

export type { Engine } from "../engine/contract.ts";
export type { EngineName, EngineRequest } from "../engine/engines.ts";
export { wasmEngine, type WasmEngine, type WasmEngineOptions } from "../engine/wasm/index.ts";
export { webGpuEngine, type WebGpuEngineOptions } from "../engine/webgpu/index.ts";
export { LimbeckError, type ErrorCode } from "../errors.ts";
