/** @file Evaluates a weights file on a data set's test images. */
import { loadDataset, type LoadOptions } from "../../data/index.ts";
import { startEngine } from "../../engine/engines.ts";
import { objectiveNamed } from "../../distill/index.ts";
import { LimbeckError } from "../../errors.ts";
import { architectureName, createModel, type Model } from "../../models/index.ts";
import { evaluating } from "../../train/evaluate.ts";
import { learner } from "../../train/learner.ts";
import type { Progress } from "../../train/events.ts";
import { checkImages, checkNamed, modelOf, readModelFile, valuesFor, type ModelFile } from "../../model-file/index.ts";
import { checkClasses } from "../check-teacher.ts";
import { parseConfig, fallback, type Config, type ConfigInput } from "../config.ts";
import type { DataSize } from "../command-plans.ts";
import type { Evaluation } from "../record.ts";
import { readWeightsFile } from "./weights-file.ts";
import { withDataset } from "./resolve-config.ts";

export interface EvaluateFileOptions {
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions["onProgress"]>;
}

/**
 * The outcome of `limbeck evaluate`, with the classes' names; yields its progress. What the configuration leaves out is taken from
 * the file, which says what it holds if Limbeck wrote it. Throws CONFIG, UNKNOWN_NAME, ARGUMENT where the two contradict each
 * other, WEIGHTS, SHAPE, and as the data set's reader.
 */
export async function* evaluateFile(
  input: ConfigInput<"evaluate">,
  { signal, onDownload }: EvaluateFileOptions = {},
): AsyncGenerator<Progress, Evaluation & { readonly classes: readonly string[] }> {
  const config = parseConfig("evaluate", await withDataset(input));
  const { dataDir, limit, batchSize } = config;
  const { bytes, source } = await readWeightsFile(config.weights);
  const file = readModelFile(bytes, source);
  const loaded = await loadDataset(config.dataset ?? file.description?.dataset ?? fallback.dataset, {
    ...(dataDir !== undefined && { dir: dataDir }),
    ...(limit !== undefined && { limit }),
    ...(signal && { signal }),
    ...(onDownload && { onProgress: onDownload }),
  });
  checkClasses(file, loaded);
  const dataset = { ...loaded, ...file.description?.normalisation };
  const model = await networkOf(config, file, { classes: dataset.classes.length, shape: dataset.shape });
  const weights = valuesFor(model, file);
  const engine = await startEngine(config.engine, config);
  try {
    for (const [tensor, values] of weights) await engine.write(tensor, values);
    const work = evaluating({ engine, model, dataset, split: dataset.test, batchSize, ...(signal && { signal }) });
    return { ...(yield* work), classes: dataset.classes };
  } finally {
    await engine.close();
  }
}

type NetworkSize = Pick<DataSize, "classes" | "shape">;

/**
 * The network of a weights file, as the file describes it, else as the configuration does. Throws UNKNOWN_NAME, ARGUMENT
 * where the two contradict each other, or for a method that makes a network with its teacher's parts where no teacher's model
 * is named; SHAPE where the parts do not fit, or the file was made for other images, WEIGHTS for a file that describes a network which cannot be made.
 */
export async function networkOf(config: Config<"evaluate">, file: ModelFile, data: NetworkSize): Promise<Model> {
  checkNamed(file, config.model);
  checkMethod(config, file);
  checkImages(file, data.shape);
  return (await modelOf(file)) ?? namedNetwork(config, data);
}

function namedNetwork(
  { model: name = fallback.model, method = "ce", options, teacherModel }: Config<"evaluate">,
  { classes, shape }: NetworkSize,
): Model {
  const model = createModel(name, { classes, inputShape: shape });
  const objective = objectiveNamed(method, options);
  if (!objective.student) return model;
  if (teacherModel !== undefined)
    // The number of images concerns auxiliary modules alone.
    return learner(model, objective, createModel(teacherModel, { classes, inputShape: shape }), { images: 1 }).model;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} makes a network that holds parts of its teacher; name the teacher's model with --teacher-model`,
  );
}

/** Throws ARGUMENT where the file says that another method or teacher made the network, or none. */
function checkMethod({ method, teacherModel }: Config<"evaluate">, { description, source }: ModelFile): void {
  const architecture = description?.architecture;
  if (!architecture) return;
  const made = architecture.kind === "distilled" ? architecture : undefined;
  const contradict = (what: string, says: string): never => {
    throw new LimbeckError("ARGUMENT", `${source} says ${says}, not that it was ${what}; leave that out`);
  };
  if (method !== undefined && method !== made?.method && objectiveNamed(method).student)
    contradict(`made by ${method}`, made ? `that ${made.method} made it` : "that it holds a network of the table");
  const teacher = made && architectureName(made.teacher);
  if (teacherModel !== undefined && teacher !== undefined && teacherModel !== teacher)
    contradict(`distilled from ${teacherModel}`, `that it was distilled from ${teacher}`);
}
