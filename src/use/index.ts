/** @file What is done with a run folder or a weights file after training: evaluating, predicting, exporting. All of it needs Node. */
export { classifyPictures, type Classified } from "./classify-pictures.ts";
export { evaluateFile } from "./evaluate.ts";
export { exportStudent, type ExportSettings } from "./export.ts";
export { pictureSources } from "./picture-files.ts";
export { predictPictures, type PredictSettings } from "./predict.ts";
export { recordIn } from "./training-rows.ts";
export { usableNetwork, type NeededModules, type UsableNetwork } from "./usable-network.ts";
