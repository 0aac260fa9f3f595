/** @file The images that a weights file's network was tested with, where they are to be had. */
import type { Dataset } from "../../data/dataset.ts";
import { LimbeckError, type ErrorCode } from "../../errors.ts";
import type { ModelFile } from "../../model-file/index.ts";
import { checkClasses } from "../check-teacher.ts";
import { isInTable, isModulePath } from "../names.ts";
import { labelledOrAnswered } from "./answers-file.ts";
import { loadData, type DataConfig, type LoadDataOptions } from "./load-data.ts";
import { experimentOf } from "./run-folder.ts";

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
  if (run && !isModulePath(run.dataset)) return { ...run, keep: "last", ...(dataDir !== undefined && { dataDir }) };
  const name = description?.dataset;
  return name !== undefined && isInTable(name)
    ? { dataset: name, dataDir, seed: 0, keep: "last", tested: true }
    : undefined;
}
