/** @file The public API that needs Node: data and weights from files, and experiments in folders. Published as `limbeck/node`. */
export { cacheFolder } from "../data/node/folders.ts";
export { readCifar10, readCifar100, type ReadOptions } from "../data/node/cifar-folder.ts";
export { loadCifar10, loadCifar100, type CifarOptions } from "../data/node/cifar.ts";
export { decodePicture, type DecodeOptions } from "../data/node/images/decode.ts";
export { loadImages, type ImageDataset, type ImagesOptions } from "../data/node/images/load.ts";
export type { ImagesProgress } from "../data/node/images/make-shards.ts";
export type { DownloadOptions, DownloadProgress } from "../data/node/download.ts";
export { configurationSchema, type Command, type Config, type ConfigInput } from "../experiment/config.ts";
export type {
  EndEvent,
  EvaluateEvent,
  ExperimentEvent,
  NoteEvent,
  UncachedTeacherEvent,
  RunEndEvent,
  RunStartEvent,
  RunTrainEvent,
  TeacherOutputsEvent,
  TimingEvent,
} from "../experiment/events.ts";
export { evaluateFile, type EvaluateFileOptions } from "../use/evaluate.ts";
export { openExperiment, type OpenExperiment, type OpenOptions, type ResumeInput } from "../experiment/node/open.ts";
export type { TrainingCommand } from "../experiment/node/resolve-config.ts";
export { readWeightsFile } from "../experiment/node/weights-file.ts";
export type { Fetch } from "../platform-types.ts";
export { keepOutputs, type KeepOptions } from "../teachers/node/keep.ts";
export { openTeacher, type OpenedTeacher, type OpenTeacherOptions } from "../teachers/node/open.ts";
