/** @file Teachers of any kind: networks of ours, imported ONNX files, ONNX Runtime, external logits. */
export { cacheTargets, cacheWithoutValues, outputsNeeded, type CacheTargetsOptions } from "./cache.ts";
export {
  ensembleOf,
  type DatasetTeacher,
  type OtherClasses,
  type QueryOptions,
  type SplitName,
  type Trial,
} from "./dataset-teacher.ts";
export { readDescription, readMetadata, type Described } from "./described.ts";
export { ensembleOutputs, wantedOfMember } from "./ensemble.ts";
export { evaluatingOutputs, type EvaluateOutputsOptions } from "./evaluate.ts";
export { networkTeacher, type NetworkTeacherOptions } from "./network-teacher.ts";
export {
  computedOutputs,
  forClasses,
  mirroredImages,
  teacherImages,
  withLogits,
  type TeacherImages,
  type TeacherOutputs,
} from "./outputs.ts";
export { teacherPlaceholder } from "./placeholder.ts";
export {
  completePreprocessing,
  normalised,
  teacherView,
  type PartialPreprocessing,
  type PixelNumbers,
  type Preprocessing,
} from "./preprocessing.ts";
export { renormalised } from "./renormalised.ts";
export {
  runtimeMultiplyAdds,
  runtimeTeacher,
  type RuntimeTeacher,
  type RuntimeTeacherOptions,
} from "./runtime-teacher.ts";
export { storedLogits, storedSplits, type StoredLogitsOptions, type StoredSplit } from "./stored.ts";
export { LOGITS, type Teacher, type TeacherOrigin } from "./teacher.ts";
