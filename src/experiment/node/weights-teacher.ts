/** @file Weights of a network as a teacher: read from the run's folder or the file, with the data set's classes where their names say which they are. */
import type { Dataset } from "../../data/dataset.ts";
import type { Engine } from "../../engine/contract.ts";
import {
  checkImages,
  checkNamed,
  modelOf,
  readModelFile,
  valuesFor,
  type ModelFile,
  type Own,
} from "../../model-file/index.ts";
import type { Model, ModelOptions } from "../../models/index.ts";
import { countMultiplyAdds, countParameters } from "../../nn/index.ts";
import { sha256Hex } from "../../sha256.ts";
import {
  describeNetwork,
  networkTeacher,
  renormalised,
  type Preprocessing,
  type Teacher,
} from "../../teachers/index.ts";
import { queryable, splitOf, type OpenContext, type TeacherData, type TeacherKind } from "../../teachers/node/index.ts";
import { networkToTime } from "../../train/index.ts";
import { checkNormalisation, checkTrainingData } from "../check-teacher.ts";
import { fallback, partName, type Config } from "../config.ts";
import type { ExperimentFolder } from "../folder.ts";
import { recipes, type Recipe } from "../recipes.ts";
import { fitClasses, namedTeacher, type FittedTeacher } from "../teacher-classes.ts";
import { labelMap } from "../teacher-config.ts";
import type { ExperimentTeacher } from "../teacher-plans.ts";
import type { TrainingCommand } from "./resolve-config.ts";

/** What weights are read for. */
export interface WeightsContext {
  readonly folder: ExperimentFolder;
  readonly config: Config<TrainingCommand>;
  readonly own: Own;
}

/**
 * Any file that is of no other kind. Opening throws as `readModelFile`, CHECKSUM for another file than the experiment was begun with; making the teacher
 * for a data set ARGUMENT for one that was trained on other data, unless `force`, or that holds another network than was named, SHAPE for one of other images.
 */
export function weightsKind(about: WeightsContext): TeacherKind {
  return {
    name: "weights",
    matches: () => true,
    async open(path, context) {
      const read = await readTeacher(about, context, path);
      return {
        notes: [],
        trainedOn: read.file.description,
        forDataset: (data) => forDataset(about, context, read, data),
        close: async () => undefined,
      };
    },
  };
}

interface ReadTeacher {
  readonly file: ModelFile & { readonly model?: Model | undefined };
  /** Whether it is what its run has saved in the folder, its classes in the data set's order. */
  readonly isCopy: boolean;
  readonly sha256: string;
  readonly bytes: number;
}

async function readTeacher(
  { folder, own }: WeightsContext,
  { run, read }: OpenContext,
  path: string,
): Promise<ReadTeacher> {
  const copy = `${run}/model.safetensors`;
  const copied = await folder.read(copy);
  const { bytes, source } = copied ? { bytes: copied, source: copy } : await read(`weights of ${run}`, path);
  const file = readModelFile(bytes, source);
  const model = await modelOf(file, own);
  return {
    file: { ...file, model },
    isCopy: copied !== undefined,
    sha256: await sha256Hex(bytes),
    bytes: bytes.length,
  };
}

/** The weights with the data set's classes; what a person should know goes to the folder's notes. */
function fitted(
  { folder, config, own }: WeightsContext,
  i: number,
  { file: read, isCopy }: ReadTeacher,
  dataset: Dataset,
): FittedTeacher {
  const { name, options, labels, isByName } = networkNamed(config, i);
  const isLabelled = dataset.isLabelled !== false;
  const size = { classes: Math.max(2, dataset.classes.length), shape: dataset.shape, options };
  const file = { ...read, model: read.model ?? namedTeacher(name ?? fallback.teacherModel, read, size, own) };
  const fit: FittedTeacher = isByName && isLabelled && !isCopy ? fitClasses(file, dataset, labels) : { file };
  const check = fit.otherClasses || !isLabelled ? checkNormalisation : checkTrainingData;
  const warning = check(fit.file, dataset, config.force === true);
  folder.notes.push(...[fit.note, warning].filter((text) => text !== undefined));
  checkImages(fit.file, dataset.shape);
  if (isByName) checkNamed(fit.file, partName(own.models, name), options);
  return fit;
}

/** What a configuration says of the network and the classes of one of its teachers, from 0; the tutorial's classes are in the data set's order. */
function networkNamed(
  config: Config<TrainingCommand>,
  i: number,
): {
  readonly name?: string | undefined;
  readonly options?: ModelOptions["options"];
  readonly labels?: ReturnType<typeof labelMap>;
  readonly isByName: boolean;
} {
  if ("assistants" in config) {
    const { teacherModel, teacherModelOptions: options, teacherLabels } = config;
    return { name: teacherModel?.[i] ?? teacherModel?.[0], options, labels: labelMap(teacherLabels), isByName: true };
  }
  const { comparison }: Recipe = recipes[config.recipe];
  return { name: comparison?.teacher.model, options: comparison?.teacher.modelOptions, isByName: false };
}

/** A teacher of the student's images. Its values are in no engine until it is queried: in a step, or in its own run, they come with the run's plan. */
async function forDataset(
  about: WeightsContext,
  { index, engine }: OpenContext,
  read: ReadTeacher,
  data: TeacherData,
): Promise<ExperimentTeacher> {
  const { dataset, engineName } = data;
  const { file, otherClasses } = fitted(about, index, read, dataset);
  const { model, description, source } = file;
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
  const { labels } = networkNamed(about.config, index);
  const made = [read.sha256, model.name, classNames ?? null, labels ?? null, engineName];
  const identity = await sha256Hex(JSON.stringify(made));
  const holding = once(async (): Promise<Engine> => {
    const started = await engine();
    for (const [state, values] of valuesFor(model, file)) await started.write(state, values);
    return started;
  });
  const opened = once(async () =>
    networkTeacher({ engine: await holding(), model, preprocessing, identity, classNames }),
  );
  const teacher: Teacher = {
    ...describeNetwork(model, classNames),
    classes: model.classes,
    preprocessing,
    identity,
    outputs: async (...of) => (await opened()).outputs(...of),
    close: async () => (await opened()).close(),
  };
  return {
    ...queryable(teacher, (split) => splitOf(dataset, split), data),
    origins: [{ file: source, sha256: read.sha256, kind: "weights" }],
    parameters: countParameters(model.module),
    bytes: read.bytes,
    countMultiplyAdds: async () => countMultiplyAdds(model.module, model.inputShape),
    toTime: { prepare: async (own) => networkToTime(await holding(), model).prepare(own) },
    inStep(columns) {
      const values = valuesFor(model, file);
      if (!columns) return { model, values };
      const chosen = renormalised(model, preprocessing, { mean, std, columns });
      return { model: chosen.model, values: new Map([...values, ...chosen.values]) };
    },
    otherClasses,
    file,
  };
}

/** What is made when it is first wanted. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
