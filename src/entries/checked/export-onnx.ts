/** @file ONNX files of students, calibrated and quantised, as they are published. */
import { aNumber, anObject, aString, each, having, listOf, optional } from "../../arguments.ts";
import * as calibration from "../../ship/calibrate.ts";
import * as onnx from "../../ship/export-onnx.ts";
import * as quantised from "../../ship/quantise.ts";
import * as trained from "../../ship/trained-calibration.ts";
import { checked, checkedAsync } from "./checked.ts";
import { aDataset, anEngine, aNetwork, aSplit } from "./kinds.ts";

const aDescription = having("a description", {
  classNames: optional(listOf(aString)),
  normalisation: optional(having("an object", each(listOf(aNumber), "mean", "std"))),
  preparation: optional(having("an object", { resize: aNumber })),
});
const aCalibration = having("what calibrate gives", {
  ranges: listOf(having("a range", { layer: aString, ...each(aNumber, "least", "most") })),
});

export const calibrate = checkedAsync("calibrate", calibration.calibrate, {
  network: aNetwork,
  options: having("an object", {
    engine: anEngine,
    dataset: aDataset,
    split: optional(aSplit),
    ...each(optional(aNumber), "count", "percentile"),
    method: optional(aString),
  }),
});
export const exportOnnx = checked("exportOnnx", onnx.exportOnnx, {
  network: aNetwork,
  options: optional(
    having("an object", {
      precision: optional(aString),
      calibration: optional(anObject),
      description: optional(aDescription),
    }),
  ),
});
export const quantise = checked("quantise", quantised.quantise, {
  network: aNetwork,
  calibration: aCalibration,
  options: optional(anObject),
});
export const trainedCalibration = checked("trainedCalibration", trained.trainedCalibration, { network: aNetwork });
