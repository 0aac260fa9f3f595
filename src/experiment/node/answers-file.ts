/** @file Held-out pictures that nobody has labelled, with what a run's teacher said of them. */
import { join } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { readIfThere } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { answered, ANSWERS, checkedAnswers } from "../answers.ts";
import { runFolderOf } from "./run-folder.ts";

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
      `the pictures of ${dataset.name} have no labels, and ${path}, which would say what the teacher says of them, is not there; give pictures in a folder for each class`,
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
