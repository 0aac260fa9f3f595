/** @file Published as `limbeck/ship`: trained networks as files that run without Limbeck. */
import { checked, checkedAsync } from "./checked/checked.ts";
import * as is from "./checked/kinds.ts";
import * as calibration from "../ship/calibrate.ts";
import * as onnx from "../ship/export-onnx.ts";
import * as quantised from "../ship/quantise.ts";
import * as trained from "../ship/trained-calibration.ts";
import * as web from "../ship/web/folder.ts";

export { readNetwork } from "./checked/networks.ts";
export type { ReadNetwork } from "../model-file/index.ts";
export type { NetworkWithValues } from "../inference/network.ts";
export type { CalibrateOptions, Calibration, CalibrationMethod, LayerRange } from "../ship/calibrate.ts";
export type { ExportOnnxOptions, OnnxPrecision } from "../ship/export-onnx.ts";
export type { QuantiseOptions } from "../ship/quantise.ts";
export type * from "../engine/int8/network.ts";
export type { ExportWebOptions, ReadTemplate, StudentTemplate } from "../ship/web/folder.ts";
export type { OnnxDescription } from "../ship/onnx/metadata.ts";

const aDescription = is.having("a description", {
  classNames: is.optional(is.listOf(is.aString)),
  normalisation: is.options(is.each(is.listOf(is.aNumber), "mean", "std")),
  preparation: is.options({ resize: is.aNumber }),
});
const aCalibration = is.having("what calibrate gives", {
  ranges: is.listOf(is.having("a range", { layer: is.aString, ...is.each(is.aNumber, "least", "most") })),
});

export const calibrate = checkedAsync("calibrate", calibration.calibrate, {
  network: is.aNetwork,
  options: is.object({
    engine: is.anEngine,
    dataset: is.aDataset,
    split: is.optional(is.aSplit),
    ...is.each(is.optional(is.aNumber), "count", "percentile"),
    method: is.optional(is.aString),
  }),
});
export const exportOnnx = checked("exportOnnx", onnx.exportOnnx, {
  network: is.aNetwork,
  options: is.options({
    precision: is.optional(is.aString),
    calibration: is.optional(is.anObject),
    description: is.optional(aDescription),
  }),
});
export const quantise = checked("quantise", quantised.quantise, {
  network: is.aNetwork,
  calibration: aCalibration,
  options: is.optional(is.anObject),
});
export const trainedCalibration = checked("trainedCalibration", trained.trainedCalibration, { network: is.aNetwork });
export const exportWeb = checkedAsync("exportWeb", web.exportWeb, {
  network: is.aNetwork,
  options: is.object({ template: is.aFunction, precision: is.optional(is.aString) }),
});
