/** @file Files of whole networks: weights, and what is needed to use them. */
export type { ModelDescription } from "./description.ts";
export {
  checkImages,
  checkNamed,
  loadModel,
  modelOf,
  readModelFile,
  readNetwork,
  valuesFor,
  type LoadModelOptions,
  type ModelFile,
  type ReadNetwork,
} from "./load.ts";
export { nothingOwn, type Own } from "./own.ts";
export type { Normalisation, Pixels } from "./pixels.ts";
export {
  mostProbable,
  predict,
  type DescribedModel,
  type LoadedModel,
  type PredictedClass,
  type Prediction,
  type PredictOptions,
} from "./predict.ts";
export { saveModel, type SaveModelOptions } from "./save.ts";
