/** @file Evaluates a weights file on a data set's test images. */
import { loadDataset, type LoadOptions } from "../../data/index.ts";
import { evaluating } from "../../train/evaluate.ts";
import type { Progress } from "../../train/progress.ts";
import { fitWeights, readSafetensors } from "../../weights/index.ts";
import { parseConfig } from "../config.ts";
import { shippedNetwork } from "../network.ts";
import type { Evaluation } from "../record.ts";
import { openEngine } from "./engine.ts";
import { readWeightsFile } from "./weights-file.ts";
import { withDataset } from "./with-dataset.ts";

export interface EvaluateFileOptions {
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions["onProgress"]>;
}

/** The outcome of `limbeck evaluate`, with the classes' names, told as it goes. Throws CONFIG, UNKNOWN_NAME, WEIGHTS, SHAPE, and as the data set's reader. */
export async function* evaluateFile(
  given: unknown,
  { signal, onDownload }: EvaluateFileOptions = {},
): AsyncGenerator<Progress, Evaluation & { readonly classes: readonly string[] }> {
  const config = parseConfig("evaluate", await withDataset(given));
  const { dataDir, limit, batchSize } = config;
  const { bytes, source } = await readWeightsFile(config.weights);
  const { tensors } = readSafetensors(bytes, source);
  const dataset = await loadDataset(config.dataset, {
    ...(dataDir !== undefined && { dir: dataDir }),
    ...(limit !== undefined && { limit }),
    ...(signal && { signal }),
    ...(onDownload && { onProgress: onDownload }),
  });
  const model = shippedNetwork(config, { classes: dataset.classes.length, images: dataset.train.count });
  const weights = fitWeights(model, tensors, source);
  const engine = await openEngine(config);
  try {
    for (const [tensor, values] of weights) await engine.write(tensor, values);
    const work = evaluating({ engine, model, dataset, split: dataset.test, batchSize, ...(signal && { signal }) });
    return { ...(yield* work), classes: dataset.classes };
  } finally {
    await engine.close();
  }
}
