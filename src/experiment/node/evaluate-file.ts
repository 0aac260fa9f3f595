/** @file Evaluates a weights file on a data set's test images. */
import type { Dataset } from "../../data/dataset.ts";
import { loadDataset, type LoadOptions } from "../../data/index.ts";
import { evaluating } from "../../train/evaluate.ts";
import type { Progress } from "../../train/events.ts";
import { startEngine } from "../../engine/engines.ts";
import { LimbeckError } from "../../errors.ts";
import { readModelFile, valuesFor, type ModelFile } from "../../model-file/index.ts";
import { parseConfig, unsaid, type ConfigInput } from "../config.ts";
import { shippedNetwork } from "../network.ts";
import type { Evaluation } from "../record.ts";
import { readWeightsFile } from "./weights-file.ts";
import { withDataset } from "./with-dataset.ts";

export interface EvaluateFileOptions {
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions["onProgress"]>;
}

/**
 * The outcome of `limbeck evaluate`, with the classes' names, told as it goes. What the configuration leaves out is taken from
 * the file, which says what it holds if Limbeck wrote it. Throws CONFIG, UNKNOWN_NAME, ARGUMENT where the two contradict each
 * other, WEIGHTS, SHAPE, and as the data set's reader.
 */
export async function* evaluateFile(
  given: ConfigInput<"evaluate">,
  { signal, onDownload }: EvaluateFileOptions = {},
): AsyncGenerator<Progress, Evaluation & { readonly classes: readonly string[] }> {
  const config = parseConfig("evaluate", await withDataset(given));
  const { dataDir, limit, batchSize } = config;
  const { bytes, source } = await readWeightsFile(config.weights);
  const file = readModelFile(bytes, source);
  const loaded = await loadDataset(config.dataset ?? file.description?.dataset ?? unsaid.dataset, {
    ...(dataDir !== undefined && { dir: dataDir }),
    ...(limit !== undefined && { limit }),
    ...(signal && { signal }),
    ...(onDownload && { onProgress: onDownload }),
  });
  const dataset = asTrained(loaded, file);
  const model = await shippedNetwork(config, file, { classes: dataset.classes.length, shape: loaded.shape });
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

/** The data set as the network takes its images, if the file says how. Throws ARGUMENT where the file names other classes. */
function asTrained(dataset: Dataset, { description, source }: ModelFile): Dataset {
  const { classNames, dataset: name = "another data set", normalisation } = description ?? {};
  if (classNames && classNames.join("\n") !== dataset.classes.join("\n")) {
    throw new LimbeckError(
      "ARGUMENT",
      `${source} says that it tells the ${classNames.length} classes of ${name}, but ${dataset.name} has ${dataset.classes.length} others; ` +
        `choose the data set ${name}`,
    );
  }
  return { ...dataset, ...normalisation };
}
