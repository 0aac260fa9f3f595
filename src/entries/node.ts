/** @file The public API that needs Node: data and weights from files, and experiments in folders. Published as `limbeck/node`. */
import { aBoolean, aNumber, anObject, aString, bytes, each, having, listOf, optional } from "../arguments.ts";
import * as cifar from "../data/node/cifar-folder.ts";
import * as downloads from "../data/node/cifar.ts";
import * as folders from "../data/node/folders.ts";
import * as decoding from "../data/node/images/decode.ts";
import * as pictures from "../data/node/images/load.ts";
import * as evaluation from "../use/evaluate.ts";
import * as experiments from "../experiment/node/open.ts";
import * as weights from "../experiment/node/weights-file.ts";
import * as keeping from "../teachers/node/keep.ts";
import * as kinds from "../teachers/node/kind.ts";
import * as teachers from "../teachers/node/open.ts";
import { aPreprocessing } from "../teachers/preprocessing.ts";
import { checked, checkedAsync, checkedSteps } from "./checked/checked.ts";
import { anEngine } from "./checked/kinds.ts";
import { aTeacher, someOutputs } from "./checked/teacher-kinds.ts";

export type { ReadOptions } from "../data/node/cifar-folder.ts";
export type { CifarOptions } from "../data/node/cifar.ts";
export type { DecodeOptions } from "../data/node/images/decode.ts";
export type { ImageDataset, ImagesOptions } from "../data/node/images/load.ts";
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
export type { EvaluateFileOptions } from "../use/evaluate.ts";
export type { OpenExperiment, OpenOptions, ResumeInput } from "../experiment/node/open.ts";
export type { TrainingCommand } from "../experiment/node/resolve-config.ts";
export type { Fetch } from "../platform-types.ts";
export type { KeepOptions } from "../teachers/node/keep.ts";
export type {
  BoundFile,
  DescribedTeacher,
  OpenContext,
  OpenedTeacherFile,
  TeacherData,
  TeacherFileOptions,
  TeacherKind,
} from "../teachers/node/kind.ts";
export type { OpenedTeacher, OpenTeacherOptions } from "../teachers/node/open.ts";

export const cacheFolder = checked("cacheFolder", folders.cacheFolder, { override: optional(aString) });
export const readCifar10 = checkedAsync("readCifar10", cifar.readCifar10, {
  dir: aString,
  options: optional(anObject),
});
export const readCifar100 = checkedAsync("readCifar100", cifar.readCifar100, {
  dir: aString,
  options: optional(anObject),
});
export const loadCifar10 = checkedAsync("loadCifar10", downloads.loadCifar10, { options: optional(anObject) });
export const loadCifar100 = checkedAsync("loadCifar100", downloads.loadCifar100, { options: optional(anObject) });
export const decodePicture = checkedAsync("decodePicture", decoding.decodePicture, {
  name: aString,
  bytes,
  options: optional(anObject),
});
export const loadImages = checkedAsync("loadImages", pictures.loadImages, {
  path: aString,
  options: having("an object", {
    size: aNumber,
    cache: optional(aString),
    ...each(optional(aBoolean), "unlabelled", "skipBroken"),
    ...each(optional(listOf(aNumber)), "mean", "std"),
  }),
});
export const evaluateFile = checkedSteps("evaluateFile", evaluation.evaluateFile, {
  input: anObject,
  options: optional(anObject),
});
export const openExperiment = checkedAsync("openExperiment", experiments.openExperiment, {
  command: aString,
  input: optional(anObject),
  options: having("an object", { out: aString }),
});
export const readWeightsFile = checkedAsync("readWeightsFile", weights.readWeightsFile, { path: aString });
export const keepOutputs = checkedSteps("keepOutputs", keeping.keepOutputs, {
  options: having("an object", {
    teacher: having("a teacher", { identity: aString, preprocessing: aPreprocessing }),
    outputs: someOutputs,
    wanted: listOf(aString),
    images: having("an object", each(aString, "fingerprint", "view")),
    cache: optional(aString),
    ...each(optional(aNumber), "most", "batchSize"),
    signal: optional(anObject),
  }),
});
export const openTeacher = checkedAsync("openTeacher", teachers.openTeacher, {
  path: aString,
  options: having("an object", {
    engine: anEngine,
    preprocessing: optional(anObject),
    ...each(optional(listOf(aString)), "classNames", "taps"),
    ...each(optional(aString), "output", "layout", "runner"),
    threads: optional(aNumber),
  }),
});
export const ofPictures = checked("ofPictures", kinds.ofPictures, { teacher: aTeacher, origin: anObject });
