/**
 * @file Published as `limbeck`: what one needs every day, in Node and in browsers alike. What is behind it has entries of its
 * own: `limbeck/infer`, `limbeck/tensor`, `limbeck/nn`, `limbeck/methods`, `limbeck/training`, `limbeck/report`, `limbeck/ship`, and
 * `limbeck/node` for files.
 */
export { holdOut, limit, loadDataset, shapes, splitOf } from "./checked/data.ts";
export { evaluate } from "./checked/evaluate.ts";
export { importOnnx } from "./checked/import.ts";
export { createTrainer } from "./checked/trainer.ts";
export type {
  DistillSettings,
  MethodSettings,
  Trainer,
  TrainerOptions,
  TrainingSettings,
  TrainSettings,
} from "../experiment/trainer.ts";

// Networks by name, and methods.
export { createModel, ensemble } from "./checked/networks.ts";
export { models, type Model, type ModelName, type ModelOptions } from "../models/index.ts";
export { methods, type MethodName } from "../distill/index.ts";

// Images.
export { datasets, type DatasetName, type LoadOptions } from "../data/index.ts";
export type { ClassLabels, Dataset, Split } from "../data/dataset.ts";
export type { ShapesOptions } from "../data/shapes.ts";

// Networks of others.
export type { ImportedModel, ImportOptions } from "../onnx/index.ts";

// What a trained network does, and its file.
export { loadModel, saveModel } from "./checked/files.ts";
export type { EvaluateOptions } from "../train/evaluate/evaluate.ts";
export type { CalibrationBin } from "../train/evaluate/calibration.ts";
export type { AugmentedEvaluation, Evaluation } from "../train/evaluate/evaluation.ts";
export type { Tta } from "../data/test-views.ts";
export type { Interval, Share } from "../train/evaluate/interval.ts";
export type {
  DescribedModel,
  LoadedModel,
  LoadModelOptions,
  ModelDescription,
  SaveModelOptions,
} from "../model-file/index.ts";

export type { Engine } from "../engine/contract.ts";
export type { EngineName, EngineRequest } from "../engine/engines.ts";
export { wasmEngine, type WasmEngine, type WasmEngineOptions } from "../engine/wasm/index.ts";
export { webGpuEngine, type WebGpuEngineOptions } from "../engine/webgpu/index.ts";
export { LimbeckError, type ErrorCode } from "../errors.ts";
