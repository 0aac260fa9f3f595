/** @file Teachers that are known by their outputs, made of what was opened, for a data set: each asked about its own view of the pictures, and what it says kept. */
import { basename } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { imagesFingerprint } from "../../data/fingerprint.ts";
import type { Engine } from "../../engine/contract.ts";
import { valuesFor } from "../../model-file/index.ts";
import { createModel, type Model } from "../../models/index.ts";
import { countMultiplyAdds, countParameters } from "../../nn/index.ts";
import { sha256Hex } from "../../sha256.ts";
import {
  LOGITS,
  networkTeacher,
  computedOutputs,
  renormalised,
  storedLogits,
  storedSplits,
  mirroredImages,
  teacherImages,
  type Preprocessing,
  type Teacher,
  type TeacherImages,
  type TeacherOrigin,
  type TeacherOutputs,
} from "../../teachers/index.ts";
import { keepOutputs, type OpenedTeacher } from "../../teachers/node/index.ts";
import { networkToTime } from "../../train/timeable.ts";
import { formatShape } from "../../tensor/index.ts";
import { fallback, type Config } from "../config.ts";
import type { ExperimentFolder } from "../folder.ts";
import { fitTeacherClasses, type ExternalTeacher, type SplitName } from "../teacher.ts";
import type { TeacherLabels } from "../teacher-classes.ts";
import { mapped, type FittedFile } from "./fitted-files.ts";
import { readBound } from "./weights-file.ts";

/** What an experiment's teachers are made of. */
export interface TeacherSources {
  readonly folder: ExperimentFolder;
  readonly config: Config<"distill">;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** By their places among the teachers, as are the following. */
  readonly onnx: ReadonlyMap<number, OpenedTeacher>;
  readonly files: ReadonlyMap<number, FittedFile>;
}

const MEBIBYTE = 2 ** 20;

/**
 * Every teacher as one that is known by its outputs, in their order, logits from a file last; each with the data set's classes where these are told by
 * name. Notes go to the folder's. Throws as `fitTeacherClasses` and `storedLogits`.
 */
export async function externalTeachersFor({
  folder,
  config,
  dataset,
  engine,
  onnx,
  files,
}: TeacherSources): Promise<readonly [ExternalTeacher, ...ExternalTeacher[]]> {
  const { teacher: paths, teacherLogits, teacherMemory } = config;
  const labels = mapped(config.teacherLabels);
  const of = { engine, engineName: config.engine, dataset, labels, most: teacherMemory * MEBIBYTE };
  const isLabelled = dataset.isLabelled !== false;
  let classes = isLabelled ? dataset.classes : labels && [...new Set(Object.values(labels))];
  const fit = (teacher: ExternalTeacher): ExternalTeacher => {
    classes ??= classesOf(teacher); // without labels, those of the first
    const fitted = fitTeacherClasses(teacher, { name: dataset.name, classes }, labels);
    if (fitted.note !== undefined && isLabelled) folder.notes.push(fitted.note);
    return fitted.teacher;
  };
  const made: ExternalTeacher[] = [];
  for (const [i, path] of paths.entries()) {
    const opened = onnx.get(i);
    const own = files.get(i);
    if (opened) made.push(fit(givenOnnx(opened, path, of)));
    else if (own) made.push(isLabelled ? await givenNetwork(own, of) : fit(await givenNetwork(own, of)));
  }
  if (teacherLogits !== undefined) made.push(fit(await givenLogits(folder, teacherLogits, of)));
  return made as [ExternalTeacher, ...ExternalTeacher[]]; // the configuration has one at least
}

/** The names of its classes, or their numbers. */
export function classesOf({ outputs: { classNames, shapes } }: Pick<ExternalTeacher, "outputs">): readonly string[] {
  return classNames ?? Array.from({ length: shapes.get(LOGITS)?.[0] ?? 0 }, (_, i) => String(i));
}

/** What a teacher is made for. */
interface TeacherFor {
  readonly engine: Engine;
  readonly engineName: string;
  readonly dataset: Dataset;
  readonly labels: TeacherLabels | undefined;
  /** The most bytes that one of its outputs may take in memory. */
  readonly most: number;
}

/** Of an ONNX file. Where it is imported and takes images of the data set's size, it can run in a step. */
function givenOnnx(teacher: OpenedTeacher, file: string, of: TeacherFor): ExternalTeacher {
  const { engine, dataset } = of;
  const { sha256, runner, notImported, leftOut, preprocessing, parameters, bytes, network, toTime } = teacher;
  const origin: TeacherOrigin = {
    file,
    sha256,
    kind: "onnx",
    runner,
    ...(notImported !== undefined && { notImported }),
    ...(leftOut.length > 0 && { leftOut }),
    preprocessing,
  };
  const isOfSize = network && formatShape(network.inputShape) === formatShape(dataset.shape);
  const inStep = async (columns?: readonly number[]): Promise<Model> => {
    const { mean, std } = dataset;
    const { model, values } = renormalised(network!, preprocessing, { mean, std, columns });
    for (const [state, value] of values) await engine.write(state, value);
    return model;
  };
  const images = (which: SplitName): TeacherImages => teacherImages(dataset, dataset[which]!, preprocessing);
  return {
    // NOTE: what else computes gives other last digits, which no two runs are to share.
    ...asked({ ...teacher, identity: `${teacher.identity} ${runner} ${of.engineName}` }, images, of),
    origins: [origin],
    parameters,
    bytes,
    countMultiplyAdds: () => teacher.countMultiplyAdds(),
    toTime,
    trial: {
      preprocessing,
      outputs(which, places, numbers) {
        const { image } = images(which);
        return computedOutputs(teacher, { count: places.length, image: (i) => image(places[i]!) }, numbers);
      },
    },
    ...(isOfSize && { inStep }),
  };
}

/** Of weights of a network. It sees the student's images. */
async function givenNetwork({ file, sha256, bytes }: FittedFile, of: TeacherFor): Promise<ExternalTeacher> {
  const { engine, engineName, dataset, labels } = of;
  const { source, description, otherClasses, model = named(dataset) } = file;
  for (const [state, values] of valuesFor(model, file)) await engine.write(state, values);
  const { shape, mean, std } = dataset;
  const preprocessing: Preprocessing = {
    inputShape: shape,
    resize: [shape[1], shape[2]],
    interpolation: "bilinear",
    range: 1,
    mean,
    std,
    channelOrder: "RGB",
  };
  const classNames = description?.classNames;
  // Its logits may have been chosen by name, or by labels.
  const made = [sha256, model.name, classNames ?? null, labels ?? null, engineName];
  const identity = await sha256Hex(JSON.stringify(made));
  const teacher = await networkTeacher({ engine, model, preprocessing, identity, ...(classNames && { classNames }) });
  return {
    ...asked(teacher, (which) => dataset[which]!, of),
    origins: [{ file: source, sha256, kind: "weights" }],
    parameters: countParameters(model.module),
    bytes,
    countMultiplyAdds: async () => countMultiplyAdds(model.module, model.inputShape),
    toTime: networkToTime(engine, model),
    inStep: async () => model,
    ...(otherClasses && { otherClasses }),
  };
}

function named({ classes, shape }: Dataset): Model {
  return createModel(fallback.teacherModel, { classes: classes.length, inputShape: shape });
}

/** Of logits that were computed elsewhere. Throws as `storedLogits`. */
async function givenLogits(folder: ExperimentFolder, path: string, { dataset }: TeacherFor): Promise<ExternalTeacher> {
  const { bytes, sha256 } = await readBound(folder, "logits of the teacher", path);
  const inFile = storedSplits(bytes, path);
  const splits = (["validation", "test"] as const).filter(
    (which) => dataset[which] && inFile.has(which === "test" ? (dataset.measuredOn ?? "test") : which),
  );
  const read = async (split: SplitName): Promise<readonly [SplitName, TeacherOutputs]> => {
    const fingerprint = await imagesFingerprint(dataset, split);
    const rows = split === "test" ? (dataset.measuredOn ?? "test") : split;
    const stored = storedLogits(bytes, { source: path, count: dataset[split]!.count, fingerprint, split: rows });
    return [split, { ...stored, name: basename(path) }];
  };
  const outputs = new Map(await Promise.all([...new Set<SplitName>(["train", ...splits])].map(read)));
  const train = outputs.get("train")!;
  return {
    name: train.name,
    origins: [{ file: path, sha256, kind: "logits" }],
    parameters: 0,
    bytes: bytes.length,
    outputs: train,
    knows: new Set(outputs.keys()),
    isQueriedMirrored: false,
    // oxlint-disable-next-line require-yield -- nothing is left to compute
    async *ask(which) {
      return outputs.get(which)!;
    },
  };
}

/** What a teacher that can be run is asked. */
function asked(
  teacher: Teacher,
  images: (which: SplitName) => TeacherImages,
  { dataset, most }: TeacherFor,
): Pick<ExternalTeacher, "name" | "outputs" | "knows" | "isQueriedMirrored" | "ask"> {
  const { inputShape } = teacher.preprocessing;
  const outputs = (which: SplitName, isMirrored = false): TeacherOutputs =>
    computedOutputs(teacher, isMirrored ? mirroredImages(images(which), inputShape) : images(which));
  return {
    name: teacher.name,
    outputs: outputs("train"),
    knows: new Set((["train", "validation", "test"] as const).filter((which) => dataset[which])),
    isQueriedMirrored: true,
    async *ask(which, wanted, { isMirrored = false, signal } = {}) {
      const view = isMirrored ? "mirrored" : "whole";
      return yield* keepOutputs({
        teacher,
        outputs: outputs(which, isMirrored),
        wanted,
        images: { fingerprint: await imagesFingerprint(dataset, which), view },
        most,
        ...(signal && { signal }),
      });
    },
  };
}
