/** @file The images that a weights file's network was tested with, where they can be had, and the teacher's answers for those without labels. */
import { join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { readIfThere } from "../data/node/read-file.ts";
import { LimbeckError, type ErrorCode } from "../errors.ts";
import { answered, ANSWERS, checkClasses, checkedAnswers } from "../experiment/index.ts";
import type { ModelFile } from "../model-file/index.ts";
import { isInTable, isModulePath } from "../experiment/settings/index.ts";
import {
  type DataConfig,
  experimentOf,
  loadData,
  type LoadDataOptions,
  runFolderOf,
} from "../experiment/node/index.ts";
import { parseStrictJson } from "../strict-json.ts";

/** A data set whose test images the network has not seen, or why there is none. */
export type HeldOut = { readonly dataset: Dataset } | { readonly missing: string };

/** What it is when data cannot be had; anything else is an error. */
const unavailable: ReadonlySet<ErrorCode> = new Set([
  "DATA_MISSING",
  "DOWNLOAD",
  "DATA_FORMAT",
  "CHECKSUM",
  "UNSUPPORTED",
]);

/**
 * The data set of the file's own run, which knows the pictures that it held out, else the data set of the table that the file names; `dataDir`
 * says where that lies. Pictures without labels have what the run's teacher says of them. Throws ARGUMENT and SHAPE for data that are not the network's, ABORTED.
 */
export async function heldOut(
  file: ModelFile,
  { dataDir, ...options }: LoadDataOptions & { readonly dataDir?: string | undefined } = {},
): Promise<HeldOut> {
  const config = await configOf(file, dataDir);
  if (!config)
    return { missing: `nothing says where the images of ${file.description?.dataset ?? "its training"} are` };
  try {
    const { dataset: found } = await loadData(config, options, { datasets: new Map() });
    const dataset = await labelledOrAnswered(file.source, found);
    checkClasses(file, dataset);
    return { dataset };
  } catch (error) {
    if (error instanceof LimbeckError && unavailable.has(error.code)) return { missing: error.message };
    throw error;
  }
}

async function configOf(
  { source, description }: ModelFile,
  dataDir: string | undefined,
): Promise<DataConfig | undefined> {
  const run = await experimentOf(source);
  // NOTE: a module's code is run where somebody names it alone.
  if (run && !isModulePath(run.dataset)) return { ...run, keep: "last", dataDir: dataDir ?? run.dataDir };
  const name = description?.dataset;
  return name !== undefined && isInTable(name)
    ? { dataset: name, dataDir, seed: 0, keep: "last", tested: true }
    : undefined;
}

/**
 * The data set of a weights file's run: as it is where somebody labelled it, else with the answers in the run's folder. Throws ARGUMENT where that has none,
 * OUTPUT for those of other pictures.
 */
export async function labelledOrAnswered(weights: string, dataset: Dataset): Promise<Dataset> {
  if (dataset.isLabelled !== false) return dataset;
  const path = join(runFolderOf(weights), ANSWERS);
  const bytes = await readIfThere(path).catch(() => undefined);
  if (!bytes) {
    throw new LimbeckError(
      "ARGUMENT",
      `the pictures of ${dataset.name} have no labels, and ${path} with the teacher's answers is missing; give pictures in a folder for each class`,
    );
  }
  return answered(dataset, checkedAnswers(parsed(bytes), path), "its teacher");
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // the check says what there should be
  }
}
