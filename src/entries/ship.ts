/** @file Published as `limbeck/ship`: trained networks as files that run without Limbeck. */
export { calibrate, exportOnnx, quantise, trainedCalibration } from "./checked/export-onnx.ts";
export { exportWeb } from "./checked/export-web.ts";
export { readNetwork } from "./checked/files.ts";
export type { ReadNetwork } from "../model-file/index.ts";
export type { NetworkWithValues } from "../inference/index.ts";
export type { CalibrateOptions, Calibration, CalibrationMethod, LayerRange } from "../ship/calibrate.ts";
export type { ExportOnnxOptions, OnnxPrecision } from "../ship/export-onnx.ts";
export type { QuantiseOptions } from "../ship/quantise.ts";
export type * from "../engine/int8/network.ts";
export type { ExportWebOptions, ReadTemplate, StudentTemplate } from "../ship/web/folder.ts";
export type { OnnxDescription } from "../ship/onnx/metadata.ts";
