/**
 * @file Published as `limbeck`: what one needs every day, in Node and in browsers alike. What is behind it has entries of its
 * own: `limbeck/infer`, `limbeck/tensor`, `limbeck/nn`, `limbeck/methods`, `limbeck/training`, `limbeck/report`, `limbeck/ship`, and
 * `limbeck/node` for files.
 */
import { checked, checkedAsync } from "./checked/checked.ts";
import * as is from "./checked/kinds.ts";
import * as splits from "../data/dataset.ts";
import * as data from "../data/index.ts";
import * as pictures from "../data/shapes.ts";
import * as subsets from "../data/subsets.ts";
import * as evaluation from "../train/evaluate/evaluate.ts";
import * as onnx from "../onnx/index.ts";

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
export { loadModel, saveModel } from "./checked/networks.ts";
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

export const loadDataset = checkedAsync("loadDataset", data.loadDataset, {
  name: is.aString,
  options: is.optional(is.anObject),
});
export const splitOf = checked("splitOf", splits.splitOf, {
  images: is.object({ pixels: is.bytes, labels: is.someLabels }),
});
export const holdOut = checked("holdOut", subsets.holdOut, {
  dataset: is.aDataset,
  ...is.each(is.aNumber, "count", "seed"),
});
export const limit = checked("limit", subsets.limit, { dataset: is.aDataset, count: is.aNumber });
export const shapes = checked("shapes", pictures.shapes, { options: is.optional(is.anObject) });
export const evaluate = checkedAsync("evaluate", evaluation.evaluate, { options: is.evaluateOptions });
export const importOnnx = checked("importOnnx", onnx.importOnnx, {
  bytes: is.bytes,
  options: is.options({
    ...is.each(is.optional(is.aString), "source", "name", "output", "layout"),
    external: is.optional(is.mapOf("bytes", is.bytes)),
    inputShape: is.optional(is.aShape),
  }),
});
