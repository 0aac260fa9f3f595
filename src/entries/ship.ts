/** @file Published as `limbeck/ship`: trained networks as files that run without Limbeck. */
export { readNetwork, type ReadNetwork } from "../model-file/index.ts";
export type { NetworkWithValues } from "../inference/network.ts";
export { exportOnnx, type ExportOnnxOptions } from "../ship/export-onnx.ts";
export type { WeightPrecision } from "../ship/onnx/emitter.ts";
export type { OnnxDescription } from "../ship/onnx/metadata.ts";
