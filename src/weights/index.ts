/** @file Weights files: the safetensors format, and fitting one to a model. */
export { droppedPrefix, fitWeights, modelTensors, weightsFileBytes } from "./fit.ts";
export { startingValues, type StartingOptions, type StartingValues } from "./starting-values.ts";
export { readSafetensors, writeSafetensors, type StoredTensor, type StoredTensors } from "./safetensors.ts";
