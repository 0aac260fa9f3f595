/** @file Files of whole networks: weights, and what is needed to use them. */
export type { DescribedModel, ModelDescription } from "./description.ts";
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
export type { PixelLayout, Pixels, Planes } from "./pixels.ts";
export {
  pictureReader,
  type Encoded,
  type NetworkImage,
  type Normalisation,
  type PictureInput,
  type ReadOptions,
} from "./read-picture.ts";
export {
  classifier,
  mostProbable,
  predict,
  type ClassifyOptions,
  type LoadedModel,
  type PredictedClass,
  type Prediction,
  type PredictOptions,
} from "./predict.ts";
export { saveModel, type SaveModelOptions } from "./save.ts";
