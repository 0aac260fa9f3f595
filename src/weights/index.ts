/** @file Weights files: the safetensors format, and fitting one to a model. */
export { droppedPrefix, fitWeights, modelTensors, weightsFileBytes } from "./fit.ts";
export { readSafetensors, writeSafetensors, type StoredTensor, type StoredTensors } from "./safetensors.ts";
