/** @file Files of whole networks: weights, and what is needed to use them. */
export type { ModelDescription } from "./description.ts";
export {
  checkImages,
  checkNamed,
  loadModel,
  modelOf,
  readModelFile,
  valuesFor,
  type LoadedModel,
  type LoadModelOptions,
  type ModelFile,
} from "./load.ts";
export { saveModel, type SaveModelOptions } from "./save.ts";
