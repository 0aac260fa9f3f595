/** @file Teachers of any kind: networks of ours, imported ONNX files, ONNX Runtime, external logits. */
export { cacheTargets, cacheWithoutValues, outputsNeeded, type CacheTargetsOptions } from "./cache.ts";
export { readDescription, readMetadata, type Described } from "./described.ts";
export { ensembleOutputs, ensembleTeacher, wantedOfMember } from "./ensemble.ts";
export { evaluatingOutputs, type EvaluateOutputsOptions } from "./evaluate.ts";
export { describeNetwork, networkTeacher, type NetworkTeacherOptions } from "./network-teacher.ts";
export {
  computedOutputs,
  forClasses,
  mirroredImages,
  teacherImages,
  withLogits,
  withTheseLogits,
  type TeacherImages,
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
export {
  LOGITS,
  type DatasetTeacher,
  type NetworkInStep,
  type OtherClasses,
  type QueryOptions,
  type SplitName,
  type Teacher,
  type TeacherCost,
  type TeacherDescription,
  type TeacherOrigin,
  type TeacherOutputs,
  type Trial,
} from "./teacher.ts";
