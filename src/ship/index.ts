/** @file The door of what exports students: how they are checked, timed and described. Entries publish single files. */
export { type CheckImages, noiseImages, someOf } from "./check.ts";
export { type ExportRecord, type Measured, measuredOf, type Origin, rangesText, totalOf } from "./record.ts";
export { latencyText } from "./timing.ts";
export { trainedCalibration } from "./trained-calibration.ts";
