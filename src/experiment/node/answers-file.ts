/** @file Held-out pictures that nobody has labelled, with what a run's teacher said of them. */
import { join } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import { readIfThere } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { answered, ANSWERS, checkedAnswers } from "../answers.ts";

/** Throws ARGUMENT where the folder of the run has no answers, OUTPUT for those of other pictures. */
export async function answeredIn(folder: string, dataset: Dataset): Promise<Dataset> {
  const path = join(folder, ANSWERS);
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
