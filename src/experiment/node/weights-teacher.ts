/** @file Weights of a network as a teacher: read from the run's folder or the file, with the data set's classes where their names say which they are. */
import type { Dataset } from "../../data/dataset.ts";
import { modelOf, readModelFile, valuesFor, type Own } from "../../model-file/index.ts";
import { createModel } from "../../models/index.ts";
import { countMultiplyAdds, countParameters } from "../../nn/index.ts";
import { sha256Hex } from "../../sha256.ts";
import { networkTeacher, type DatasetTeacher, type Preprocessing } from "../../teachers/index.ts";
import {
  queryable,
  splitOf,
  type OpenContext,
  type OpenedTeacherFile,
  type TeacherData,
  type TeacherKind,
} from "../../teachers/node/index.ts";
import { networkToTime } from "../../train/index.ts";
import { checkNormalisation, checkTrainingData } from "../check-teacher.ts";
import type { TeacherFile } from "../teacher-plans.ts";
import { fallback, type Config } from "../config.ts";
import type { ExperimentFolder } from "../folder.ts";
import { fitClasses, namedTeacher } from "../teacher-classes.ts";
import { labelMap } from "../teacher-config.ts";
import type { TrainingCommand } from "./resolve-config.ts";

/** What weights are read for. */
export interface WeightsContext {
  readonly folder: ExperimentFolder;
  readonly config: Config<TrainingCommand>;
  readonly own: Own;
}

/** Weights, open: a network that its run tests and that runs in each step, unless images have no labels or other kinds teach too. */
export interface OpenedWeights extends OpenedTeacherFile {
  /** What the file describes of its network, if it does. */
  readonly description: TeacherFile["description"] | undefined;
  /**
   * With the data set's classes; what a person should know goes to the folder's notes. Throws ARGUMENT for one that was trained on other data,
   * unless `force`.
   */
  fit(dataset: Dataset): TeacherFile;
}

/** Any file that is of no other kind. Opening throws as `readModelFile`, CHECKSUM for another file than the experiment was begun with. */
export function weightsKind(
  about: WeightsContext,
): TeacherKind & { open: (path: string, context: OpenContext) => Promise<OpenedWeights> } {
  return {
    name: "weights",
    matches: () => true,
    async open(path, context) {
      const read = await readTeacher(about, context, path);
      const { file, sha256, bytes } = read;
      const fit = (dataset: Dataset): TeacherFile => fitted(about, context.index, read, dataset);
      return {
        notes: [],
        description: file.description,
        fit,
        forDataset: (data) => forDataset({ file: fit(data.dataset), sha256, bytes }, about.config, data),
        close: async () => undefined,
      };
    },
  };
}

interface ReadTeacher {
  readonly file: TeacherFile;
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

function fitted({ folder, config, own }: WeightsContext, i: number, read: ReadTeacher, dataset: Dataset): TeacherFile {
  const force = "force" in config && config.force === true;
  const { file, note } =
    "assistants" in config && !read.isCopy ? withClasses(read.file, i, { config, dataset, own }) : { ...read };
  const check = file.otherClasses || dataset.isLabelled === false ? checkNormalisation : checkTrainingData;
  const warning = check(file, dataset, force);
  folder.notes.push(...[note, warning].filter((text) => text !== undefined));
  return file;
}

function withClasses(
  read: TeacherFile,
  i: number,
  {
    config: { teacherModel, teacherModelOptions, teacherLabels },
    dataset,
    own,
  }: { readonly config: Config<"distill">; readonly dataset: Dataset; readonly own: Own },
): { readonly file: TeacherFile; readonly note?: string | undefined } {
  const name = teacherModel?.[i] ?? teacherModel?.[0] ?? fallback.teacherModel;
  const size = { classes: Math.max(2, dataset.classes.length), shape: dataset.shape, options: teacherModelOptions };
  const model = read.model ?? namedTeacher(name, read, size, own);
  if (dataset.isLabelled === false) return { file: { ...read, model } };
  const { file, otherClasses, note } = fitClasses({ ...read, model }, dataset, labelMap(teacherLabels));
  return { file: { ...file, otherClasses }, note };
}

/** A teacher of the student's images. */
async function forDataset(
  { file, sha256, bytes }: Omit<ReadTeacher, "isCopy">,
  config: Config<TrainingCommand>,
  data: TeacherData,
): Promise<DatasetTeacher> {
  const { engine, engineName, dataset } = data;
  const labels = "assistants" in config ? labelMap(config.teacherLabels) : undefined;
  const {
    source,
    description,
    otherClasses,
    model = createModel(fallback.teacherModel, { classes: dataset.classes.length, inputShape: dataset.shape }),
  } = file;
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
  const teacher = await networkTeacher({ engine, model, preprocessing, identity, classNames });
  return {
    ...queryable(teacher, (split) => splitOf(dataset, split), data),
    origins: [{ file: source, sha256, kind: "weights" }],
    parameters: countParameters(model.module),
    bytes,
    countMultiplyAdds: async () => countMultiplyAdds(model.module, model.inputShape),
    toTime: networkToTime(engine, model),
    inStep: async () => model,
    otherClasses,
  };
}
