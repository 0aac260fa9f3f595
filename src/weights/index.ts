/** @file Weights files: the safetensors format, and fitting one to a model. */
export { droppedPrefix, fitWeights } from "./fit.ts";
export { modelTensors, weightsFileBytes } from "./model-tensors.ts";
export { readSafetensors, type StoredTensors } from "./read-safetensors.ts";
export { startingValues, type StartingOptions, type StartingValues } from "./starting-values.ts";
export { LENGTH_BYTES, METADATA_KEY, writeSafetensors, type StoredTensor } from "./safetensors.ts";
export { storedTypes } from "./stored-types.ts";
