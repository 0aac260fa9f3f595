/** @file A description that names a folder of data but no data set means the one that lies there. */
import { recogniseDataset } from "../../data/node/recognise.ts";

/** The description with the data set's name. Throws as `recogniseDataset`; values of wrong types are left to the schema. */
export async function withDataset<Given>(given: Given): Promise<Given> {
  const { dataset, dataDir } = (given ?? {}) as { readonly dataset?: unknown; readonly dataDir?: unknown };
  if (dataset !== undefined || typeof dataDir !== "string" || dataDir === "") return given;
  return { ...given, dataset: await recogniseDataset(dataDir) };
}
