/** @file ONNX files of students, calibrated and quantised, as they are published. */
import { having, listOf } from "../../arguments.ts";
import * as calibration from "../../ship/calibrate.ts";
import * as onnx from "../../ship/export-onnx.ts";
import * as quantised from "../../ship/quantise.ts";
import * as trained from "../../ship/trained-calibration.ts";
import { checked, checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";

const aDescription = having("a description", {
  "classNames?": listOf(is.aString),
  "normalisation?": { "mean std": listOf(is.aNumber) },
  "preparation?": { resize: is.aNumber },
});
const aCalibration = having("what calibrate gives", {
  ranges: listOf(having("a range", { layer: is.aString, "least most": is.aNumber })),
});
export const calibrate = checkedAsync("calibrate", calibration.calibrate, {
  network: is.aNetwork,
  options: {
    engine: is.anEngine,
    dataset: is.aDataset,
    "split?": is.aSplit,
    "count? percentile?": is.aNumber,
    "method?": is.aString,
  },
});
export const exportOnnx = checked("exportOnnx", onnx.exportOnnx, {
  network: is.aNetwork,
  "options?": { "precision?": is.aString, "calibration?": is.anObject, "description?": aDescription },
});
export const quantise = checked("quantise", quantised.quantise, {
  network: is.aNetwork,
  calibration: aCalibration,
  "options?": is.anObject,
});
export const trainedCalibration = checked("trainedCalibration", trained.trainedCalibration, { network: is.aNetwork });
