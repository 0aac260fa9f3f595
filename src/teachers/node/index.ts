/** @file The door of teachers in files: opened, and their outputs kept. */
export { hashTeacher } from "./hash-teacher.ts";
export { hubKind } from "./hub.ts";
export { keepOutputs, readKept, writeKept } from "./keep.ts";
export { type OpenedTeacher, openTeacher } from "./open.ts";
export {
  ofPictures,
  queryable,
  splitOf,
  type BoundFile,
  type DescribedTeacher,
  type OpenContext,
  type OpenedTeacherFile,
  type TeacherData,
  type TeacherFileOptions,
  type TeacherKind,
  type TrainedOn,
} from "./kind.ts";
export { logitsKind } from "./logits.ts";
export { onnxKind } from "./onnx.ts";
