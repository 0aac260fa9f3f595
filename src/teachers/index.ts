/** @file Teachers of any kind: ours, imported ONNX files, ONNX Runtime, logits computed elsewhere. */
export { cacheGivenOutputs, outputsNeeded, type CacheOptions } from "./cache.ts";
export { readDescription, readMetadata, type Described } from "./described.ts";
export { forClasses, outputsOf, standIn, type TeacherOutputs } from "./given.ts";
export { judging, type JudgeOptions } from "./judge.ts";
export { networkTeacher, type NetworkTeacherOptions } from "./network-teacher.ts";
export {
  completePreprocessing,
  normalised,
  teacherView,
  type PartialPreprocessing,
  type Preprocessing,
} from "./preprocessing.ts";
export { runtimeTeacher, type RuntimeTeacher, type RuntimeTeacherOptions } from "./runtime-teacher.ts";
export type { OnnxRuntime, RuntimeSession, RuntimeTensor } from "./runtime.ts";
export { storedLogits, type StoredLogitsOptions } from "./stored.ts";
export type { Teacher } from "./teacher.ts";
