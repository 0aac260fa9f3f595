/** @file A kind of teacher: how its files are opened, and become teachers for a data set. One file each, and a row of experiment/node/teachers.ts. */
import type { Dataset } from "../../data/dataset.ts";
import { imagesFingerprint } from "../../data/fingerprint.ts";
import type { DownloadOptions } from "../../data/node/download.ts";
import type { Engine } from "../../engine/contract.ts";
import { LimbeckError } from "../../errors.ts";
import type { ImageShape } from "../../models/index.ts";
import type { Layout } from "../../onnx/index.ts";
import { formatShape } from "../../tensor/index.ts";
import { computedOutputs, mirroredImages, teacherImages, type TeacherImages } from "../outputs.ts";
import type { PartialPreprocessing, Preprocessing } from "../preprocessing.ts";
import { renormalised } from "../renormalised.ts";
import {
  descriptionOf,
  type DatasetTeacher,
  type SplitName,
  type Teacher,
  type TeacherCost,
  type TeacherDescription,
  type TeacherOrigin,
  type TeacherOutputs,
} from "../teacher.ts";
import { keepOutputs } from "./keep.ts";

/** How files of one kind teach. */
export interface TeacherKind {
  /** As records have it. */
  readonly name: string;
  /** Whether a file is of this kind, by its path. */
  matches(path: string): boolean;
  /** The file on this disk that is read first, for what a study takes for the same teacher; the path itself by default. Throws as `open`. */
  file?(path: string, context?: Pick<OpenContext, "onDownload" | "signal">): Promise<string>;
  /** Before the data are known. Throws where the file cannot be used; what it opened until then is closed. */
  open(path: string, context: OpenContext): Promise<OpenedTeacherFile>;
}

/** What a file's bytes and preprocessing do not say, as the configuration has it (`teacherOptions`). */
export interface TeacherFileOptions extends PartialPreprocessing {
  readonly output?: string | undefined;
  readonly layout?: Layout | undefined;
  readonly taps?: readonly string[] | undefined;
  readonly runner?: "import" | "onnxruntime" | undefined;
}

/** What an experiment has for a teacher that is opened. */
export interface OpenContext {
  /** The name of the teacher's run: `teacher`, or `teacher-2` of several. */
  readonly run: string;
  /** Its place among the teachers, from 0. */
  readonly index: number;
  /** The experiment's, started when it is first needed. */
  engine(): Promise<Engine>;
  readonly options?: TeacherFileOptions | undefined;
  /** In the order of its logits, where the configuration names them. */
  readonly classNames?: readonly string[] | undefined;
  /** Of what is downloaded. */
  readonly onDownload?: DownloadOptions["onProgress"];
  readonly signal?: AbortSignal | undefined;
  /** For what does not run in the engine. */
  readonly threads?: number | undefined;
  /** What this name was bound to when the experiment began: a checksum, which is another where the teacher has changed. */
  bind(name: string, value: string): string;
  /** A file that has to stay the same while the experiment lasts. Throws WEIGHTS if it cannot be read, CHECKSUM for another one. */
  read(name: string, path: string): Promise<BoundFile>;
}

/** A file as it was when the experiment began. */
export interface BoundFile {
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly sha256: string;
}

/** What a teacher is made for. */
export interface TeacherData {
  readonly dataset: Dataset;
  /** Other engines give other last digits. */
  readonly engineName: string;
  /** The most bytes that one of its outputs may take in memory. */
  readonly most: number;
}

/** A teacher's file, open. */
export interface OpenedTeacherFile {
  /** How pictures become its images, where that does not follow from the data set. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The images that it was trained on, where a run of Limbeck's made it. */
  readonly trainedOn?: TrainedOn | undefined;
  /** The teacher as it is queried by pixels; missing where it is not. */
  readonly teacher?: Teacher;
  /** For people. */
  readonly notes: readonly string[];
  forDataset(data: TeacherData): Promise<DatasetTeacher>;
  close(): Promise<void>;
}

/** Images that a network was trained on. */
export interface TrainedOn {
  readonly inputShape: ImageShape;
  readonly normalisation?: Pick<Dataset, "mean" | "std"> | undefined;
}

/** A teacher with what it takes. */
export type DescribedTeacher = Teacher & TeacherCost;

/**
 * The teacher as an opened file: it has its own view of a data set's pictures. One whose network takes images of the data set's size can run in
 * a step. What it gives is kept in the cache.
 */
export function ofPictures(
  teacher: DescribedTeacher,
  origin: TeacherOrigin,
  notes: readonly string[] = [],
): OpenedTeacherFile {
  const { preprocessing, network, parameters, bytes, toTime } = teacher;
  return {
    preprocessing,
    teacher,
    notes,
    close: () => teacher.close(),
    async forDataset(data) {
      const { dataset, engineName } = data;
      const { mean, std } = dataset;
      const isOfSize = network && formatShape(network.inputShape) === formatShape(dataset.shape);
      const images = (split: SplitName): TeacherImages =>
        teacherImages(dataset, splitOf(dataset, split), preprocessing);
      // NOTE: what else computes gives other last digits, which no two runs are to share.
      const identity = `${teacher.identity} ${origin.runner ?? origin.kind} ${engineName}`;
      return {
        ...queryable({ ...teacher, identity }, images, data),
        origins: [origin],
        parameters,
        bytes,
        countMultiplyAdds: async () => teacher.countMultiplyAdds?.(),
        toTime,
        trial: {
          preprocessing,
          outputs(split, places, numbers) {
            const { image } = images(split);
            return computedOutputs(teacher, { count: places.length, image: (i) => image(places[i] ?? 0) }, numbers);
          },
        },
        inStep: isOfSize ? (columns) => renormalised(network, preprocessing, { mean, std, columns }) : undefined,
      };
    },
  };
}

/** What a teacher that takes pixels gives of a data set's images: computed once and kept, for each split. */
export function queryable(
  teacher: Teacher,
  images: (split: SplitName) => TeacherImages,
  { dataset, most }: Pick<TeacherData, "dataset" | "most">,
): TeacherDescription & Pick<DatasetTeacher, "knows" | "isQueriedMirrored" | "query"> {
  const { inputShape } = teacher.preprocessing;
  const outputs = (split: SplitName, isMirrored = false): TeacherOutputs =>
    computedOutputs(teacher, isMirrored ? mirroredImages(images(split), inputShape) : images(split));
  return {
    ...descriptionOf(teacher),
    knows: new Set((["train", "validation", "test"] as const).filter((split) => dataset[split])),
    isQueriedMirrored: true,
    async *query(split, wanted, { isMirrored = false, signal } = {}) {
      const view = isMirrored ? "mirrored" : "whole";
      return yield* keepOutputs({
        teacher,
        outputs: outputs(split, isMirrored),
        wanted,
        images: { fingerprint: await imagesFingerprint(dataset, split), view },
        most,
        signal,
      });
    },
  };
}

/** Of one that is known to have it. */
export function splitOf(dataset: Dataset, split: SplitName): Dataset["train"] {
  const { [split]: found } = dataset;
  if (found) return found;
  throw new LimbeckError("ARGUMENT", `${dataset.name} has no ${split} images`);
}
