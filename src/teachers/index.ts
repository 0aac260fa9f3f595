/** @file Teachers of any kind: ours, imported ONNX files, ONNX Runtime, logits computed elsewhere. */
export { cacheGivenOutputs, cacheWithoutValues, outputsNeeded, type CacheOptions } from "./cache.ts";
export { readDescription, readMetadata, type Described } from "./described.ts";
export { chosenClasses, forClasses, outputsOf, standIn, type TeacherImages, type TeacherOutputs } from "./given.ts";
export { mirroredImages, teacherImages } from "./images.ts";
export { checkFixed } from "./fixed.ts";
export { judging, type JudgeOptions } from "./judge.ts";
export { networkTeacher, type NetworkTeacherOptions } from "./network-teacher.ts";
export {
  completePreprocessing,
  normalised,
  teacherView,
  type PartialPreprocessing,
  type PixelNumbers,
  type Preprocessing,
} from "./preprocessing.ts";
export { runtimeMultiplyAdds } from "./runtime-cost.ts";
export { runtimeTeacher, type RuntimeTeacher, type RuntimeTeacherOptions } from "./runtime-teacher.ts";
export { seeingNetwork } from "./seeing.ts";
export { storedLogits, storedSplits, type StoredLogitsOptions, type StoredSplit } from "./stored.ts";
export { LOGITS, type Teacher } from "./teacher.ts";
export { together, wantedOf } from "./together.ts";
