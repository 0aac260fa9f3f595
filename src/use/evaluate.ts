/** @file Evaluates a weights file on a data set's test images. */
import { startEngine } from "../engine/engines.ts";
import { type StartOptions, tellingChoice } from "../engine/entry.ts";
import { LimbeckError } from "../errors.ts";
import { architectureName, type Model } from "../models/index.ts";
import { evaluating } from "../train/evaluate/index.ts";
import { learner } from "../distill/learner.ts";
import type { Progress } from "../train/index.ts";
import {
  checkImages,
  checkNamed,
  loadModel,
  modelOf,
  readModelFile,
  valuesFor,
  type ModelFile,
  type Own,
} from "../model-file/index.ts";
import { shellWords } from "../shell-words.ts";
import {
  checkClasses,
  type DataSize,
  type Evaluation,
  type Measured,
  mostCommonAnswer,
  type MostCommonAnswer,
  ttaOf,
} from "../experiment/index.ts";
import {
  type Config,
  type ConfigInput,
  fallback,
  isInTable,
  isModulePath,
  isPictures,
  modelNamed,
  objectiveOf,
  partName,
} from "../experiment/settings/index.ts";
import { evaluatePictures } from "./evaluate-pictures.ts";
import {
  type DataConfig,
  experimentOf,
  loadData,
  type LoadDataOptions,
  parseWithModules,
  readWeightsFile,
} from "../experiment/node/index.ts";
import { namingModules, type OwnModules } from "../experiment/node/modules/index.ts";
import { labelledOrAnswered } from "./test-images.ts";

export interface EvaluateFileOptions extends LoadDataOptions {
  /** What somebody should know of: pictures that were left out, say. */
  readonly onNote?: (text: string) => void;
}

/** An evaluation, with the names of the classes; of pictures without labels, of agreement with the teacher that the run had. */
export interface FileEvaluation extends Evaluation, Measured {
  readonly classes: readonly string[];
  /** Where agreement is measured: what the teacher said most often. */
  readonly mostCommonAnswer?: MostCommonAnswer;
}

/**
 * The outcome of `limbeck evaluate`, with the classes' names; yields its progress. What the configuration leaves out is taken from
 * the file, which says what it holds if Limbeck wrote it. Throws CONFIG, UNKNOWN_NAME, ARGUMENT where the two contradict each
 * other, WEIGHTS, SHAPE, and as the data set's reader.
 */
export async function* evaluateFile(
  input: ConfigInput<"evaluate">,
  options: EvaluateFileOptions = {},
): AsyncGenerator<Progress, FileEvaluation> {
  const { config, own } = await parseWithModules("evaluate", input);
  return yield* namingModules(Object.keys(own.sha256), evaluated(config, own, options));
}

async function* evaluated(
  config: Config<"evaluate">,
  own: OwnModules,
  options: EvaluateFileOptions,
): AsyncGenerator<Progress, FileEvaluation> {
  const { signal } = options;
  const { batchSize } = config;
  const { bytes, source } = await readWeightsFile(config.weights);
  const file = readModelFile(bytes, source);
  const data = await dataOf(config, source, file);
  if (typeof data === "string") return yield* ofPictures(config, { bytes, source, path: data, own }, options);
  const { dataset: found, notes } = await loadData(data, options, own);
  for (const note of notes) options.onNote?.(note);
  const loaded = await labelledOrAnswered(source, found);
  checkClasses(file, loaded);
  const dataset = { ...loaded, ...file.description?.normalisation };
  const model = await networkOf(config, file, { classes: dataset.classes.length, shape: dataset.shape, own });
  const weights = valuesFor(model, file);
  const engine = await startEngine(config.engine, startOptions(config, options.onNote));
  try {
    for (const [tensor, values] of weights) await engine.write(tensor, values);
    const work = evaluating({
      engine,
      model,
      dataset,
      split: dataset.test,
      batchSize,
      tta: ttaOf(config),
      signal,
    });
    const isAnswered = dataset.answeredBy !== undefined;
    return {
      ...(yield* work),
      classes: dataset.classes,
      ...(isAnswered && { measure: "agreement", mostCommonAnswer: mostCommonAnswer(dataset) }),
    };
  } finally {
    await engine.close();
  }
}

/**
 * The data: what the configuration names, else the pictures of the file's own run, else the data set that the file names, from the folder that
 * the run read it from. A path stands for pictures that the run was not made with; of its own, those that it was tested on count, because it knows the others.
 */
async function dataOf(
  { dataset, dataDir, limit }: Config<"evaluate">,
  source: string,
  file: ModelFile,
): Promise<DataConfig | string> {
  const run = await experimentOf(source);
  const isItsOwn = run !== undefined && isPictures(run.dataset) && (dataset === undefined || dataset === run.dataset);
  if (isItsOwn) return { ...run, keep: "last", tested: true, limit: limit ?? run.limit };
  if (dataset !== undefined && isPictures(dataset)) return dataset;
  const name = dataset ?? file.description?.dataset ?? fallback.dataset;
  if (isInTable(name) || dataset !== undefined) {
    const folder = dataDir ?? (run?.dataset === name ? run.dataDir : undefined);
    return { dataset: name, dataDir: folder, limit, seed: 0, keep: "last", tested: true };
  }
  if (run && isModulePath(run.dataset)) {
    throw new LimbeckError(
      "ARGUMENT",
      `${source} was trained on ${name}, a data set of the module ${run.dataset}; give that: limbeck ${shellWords(["evaluate", source, run.dataset])}`,
    );
  }
  throw new LimbeckError(
    "ARGUMENT",
    `${source} was trained on ${name}, pictures that lie somewhere; say where there are such to test it with: limbeck ${shellWords(["evaluate", source])} FOLDER`,
  );
}

/** On pictures in folders of their classes. Throws WEIGHTS for a file that does not say what it holds. */
async function* ofPictures(
  config: Config<"evaluate">,
  {
    bytes,
    source,
    path,
    own,
  }: { readonly bytes: Uint8Array; readonly source: string; readonly path: string; readonly own: OwnModules },
  { onNote, signal }: EvaluateFileOptions,
): AsyncGenerator<Progress, FileEvaluation> {
  const file = readModelFile(bytes, source);
  checkNamed(file, partName(own.models, config.model), config.modelOptions);
  if (!file.description?.architecture || !file.description.classNames) {
    throw new LimbeckError(
      "WEIGHTS",
      `${source} does not say which network it holds and which classes it tells, so pictures cannot be matched with them; give a file that Limbeck wrote after a training`,
    );
  }
  const { skipBroken, batchSize, limit } = config;
  const into = await modelOf(file, own);
  const engine = await startEngine(config.engine, startOptions(config, onNote));
  try {
    const model = await loadModel(bytes, engine, { source, into });
    return yield* evaluatePictures(model, path, {
      skipBroken,
      limit,
      batchSize: Math.min(1024, batchSize),
      tta: ttaOf(config),
      onNote,
      signal,
    });
  } finally {
    await engine.close();
  }
}

function startOptions(
  { threads }: Pick<Config<"evaluate">, "threads">,
  onNote: EvaluateFileOptions["onNote"] = () => {},
): StartOptions {
  return { threads, onChoice: tellingChoice(onNote) };
}

/** What a network is made for, and with. */
interface NetworkContext extends Pick<DataSize, "classes" | "shape"> {
  readonly own: Own;
}

/**
 * The network of a weights file, as the file describes it, else as the configuration does. Throws UNKNOWN_NAME, ARGUMENT
 * where the two contradict each other, or for a method that makes a network with its teacher's parts where no teacher's model
 * is named; SHAPE where the parts do not fit, or the file was made for other images, WEIGHTS for a file that describes a network which cannot be made.
 */
export async function networkOf(config: Config<"evaluate">, file: ModelFile, context: NetworkContext): Promise<Model> {
  const { own, shape } = context;
  checkNamed(file, partName(own.models, config.model), config.modelOptions);
  checkMethod(config, file, own);
  checkImages(file, shape);
  return (await modelOf(file, own)) ?? namedNetwork(config, context);
}

function namedNetwork(
  {
    model: name = fallback.model,
    modelOptions,
    method = "ce",
    options,
    teacherModel,
    teacherModelOptions,
  }: Config<"evaluate">,
  { classes, shape, own }: NetworkContext,
): Model {
  const size = { classes, inputShape: shape };
  const model = modelNamed(name, { ...size, options: modelOptions }, own);
  const objective = objectiveOf({ method, options }, own);
  if (!objective.student) return model;
  if (teacherModel !== undefined)
    // The number of images concerns auxiliary modules alone.
    return learner(model, objective, modelNamed(teacherModel, { ...size, options: teacherModelOptions }, own), {
      images: 1,
    }).model;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} makes a network that holds parts of its teacher; name the teacher's model with --teacher-model`,
  );
}

/** Throws ARGUMENT where the file says that another method or teacher made the network, or none. */
function checkMethod(config: Config<"evaluate">, { description, source }: ModelFile, own: Own): void {
  const teacherModel = partName(own.models, config.teacherModel);
  const architecture = description?.architecture;
  if (!architecture) return;
  const made = architecture.kind === "distilled" ? architecture : undefined;
  const contradict = (what: string, says: string): never => {
    throw new LimbeckError("ARGUMENT", `${source} says ${says}, not that it was ${what}; leave that out`);
  };
  const method = config.method === undefined ? undefined : objectiveOf({ method: config.method, options: {} }, own);
  if (method?.student && method.name !== made?.method)
    contradict(`made by ${method.name}`, made ? `that ${made.method} made it` : "that it holds a network of the table");
  const teacher = made && architectureName(made.teacher);
  if (teacherModel !== undefined && teacher !== undefined && teacherModel !== teacher)
    contradict(`distilled from ${teacherModel}`, `that it was distilled from ${teacher}`);
}
