/** @file The public API that needs Node: data and weights from files, and experiments in folders. Published as `limbeck/node`. */
import { checked, checkedAsync, checkedSteps } from "./checked/checked.ts";
import { having, listOf } from "../arguments.ts";
import * as is from "./checked/kinds.ts";
import * as cifar from "../data/node/cifar-folder.ts";
import * as downloads from "../data/node/cifar.ts";
import * as folders from "../data/node/folders.ts";
import * as decoding from "../data/node/images/decode.ts";
import * as pictures from "../data/node/images/load.ts";
import * as evaluation from "../use/evaluate.ts";
import * as experiments from "../experiment/node/open.ts";
import * as weights from "../experiment/node/weights-file.ts";
import * as studies from "../study/description.ts";
import * as keeping from "../teachers/node/keep.ts";
import * as kinds from "../teachers/node/kind.ts";
import * as teachers from "../teachers/node/open.ts";
import { aPreprocessing } from "../teachers/preprocessing.ts";
import { aTeacher, someOutputs } from "./checked/teachers.ts";

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
export {
  studyJsonSchema,
  type DataDescription,
  type MethodDescription,
  type NetworkDescription,
  type RecipeDescription,
  type StudyDescription,
  type TeacherDescription,
} from "../study/description.ts";
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

export const cacheFolder = checked("cacheFolder", folders.cacheFolder, { "override?": is.aString });
export const readCifar10 = checkedAsync("readCifar10", cifar.readCifar10, { dir: is.aString, "options?": is.anObject });
export const readCifar100 = checkedAsync("readCifar100", cifar.readCifar100, {
  dir: is.aString,
  "options?": is.anObject,
});
export const loadCifar10 = checkedAsync("loadCifar10", downloads.loadCifar10, { "options?": is.anObject });
export const loadCifar100 = checkedAsync("loadCifar100", downloads.loadCifar100, { "options?": is.anObject });
export const decodePicture = checkedAsync("decodePicture", decoding.decodePicture, {
  name: is.aString,
  bytes: is.bytes,
  "options?": is.anObject,
});
export const loadImages = checkedAsync("loadImages", pictures.loadImages, {
  path: is.aString,
  options: {
    size: is.aNumber,
    "cache?": is.aString,
    "unlabelled? skipBroken?": is.aBoolean,
    "mean? std?": listOf(is.aNumber),
  },
});
export const evaluateFile = checkedSteps("evaluateFile", evaluation.evaluateFile, {
  input: is.anObject,
  "options?": is.anObject,
});
export const openExperiment = checkedAsync("openExperiment", experiments.openExperiment, {
  command: is.aString,
  "input?": is.anObject,
  options: { out: is.aString },
});
export const readWeightsFile = checkedAsync("readWeightsFile", weights.readWeightsFile, { path: is.aString });
export const keepOutputs = checkedSteps("keepOutputs", keeping.keepOutputs, {
  options: {
    teacher: having("a teacher", { identity: is.aString, preprocessing: aPreprocessing }),
    outputs: someOutputs,
    wanted: listOf(is.aString),
    images: { "fingerprint view": is.aString },
    "cache?": is.aString,
    "most? batchSize?": is.aNumber,
    "signal?": is.anObject,
  },
});
export const openTeacher = checkedAsync("openTeacher", teachers.openTeacher, {
  path: is.aString,
  options: {
    engine: is.anEngine,
    "preprocessing?": is.anObject,
    "classNames? taps?": listOf(is.aString),
    "output? layout? runner?": is.aString,
    "threads?": is.aNumber,
  },
});
export const defineStudy = checked("defineStudy", studies.defineStudy, { description: is.anObject });
export const ofPictures = checked("ofPictures", kinds.ofPictures, { teacher: aTeacher, origin: is.anObject });
