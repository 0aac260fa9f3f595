/** @file The door of experiments in Node: configurations with user modules, data, folders, weights files, and experiments opened from them. */
export { environment } from "./environment.ts";
export { type ExperimentRun, experimentState, type ExperimentState } from "./experiment-state.ts";
export { openFolder, writeWhole } from "./folder.ts";
export { type DataConfig, dataKeys, loadData, type LoadDataOptions } from "./load-data.ts";
export { readManifest } from "./manifest.ts";
export { openExperiment } from "./open.ts";
export { readJsonIfThere } from "./read-json.ts";
export {
  absoluteSettings,
  parseWithModules,
  type ResolvedConfig,
  type TrainingCommand,
  withModules,
} from "./resolve-config.ts";
export { experimentOf, runFolderOf, weightsPath } from "./run-folder.ts";
export { kindOfTeacher } from "./teachers.ts";
export { readBound, readWeightsFile } from "./weights-file.ts";
export { listImages } from "./list-images.ts";
