/** @file Published as `limbeck/ship`: trained networks as files that run without Limbeck. */
export { readNetwork, type ReadNetwork } from "../model-file/index.ts";
export type { NetworkWithValues } from "../inference/network.ts";
export {
  calibrate,
  type CalibrateOptions,
  type Calibration,
  type CalibrationMethod,
  type LayerRange,
} from "../ship/calibrate.ts";
export { exportOnnx, type ExportOnnxOptions, type OnnxPrecision } from "../ship/export-onnx.ts";
export { quantise, type QuantiseOptions } from "../ship/quantise.ts";
export type * from "../ship/quantised.ts";
export { trainedCalibration } from "../ship/trained-calibration.ts";
export { exportWeb, type ExportWebOptions, type ReadTemplate, type StudentTemplate } from "../ship/web/folder.ts";
export type { OnnxDescription } from "../ship/onnx/metadata.ts";
