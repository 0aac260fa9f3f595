/** @file Opens a weights file that says all that is needed to use its network. */
import { LimbeckError } from "../errors.ts";
import {
  checkNamed,
  modelOf,
  readModelFile,
  type ModelDescription,
  type ModelFile,
  type Normalisation,
} from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import { partName } from "../experiment/settings/index.ts";
import { readWeightsFile, withModules } from "../experiment/node/index.ts";
import { fromModule } from "../experiment/node/modules/index.ts";

/** User modules that a network may need, by their paths. */
export interface NeededModules {
  readonly model?: string;
  readonly method?: string;
  readonly teacherModel?: string;
  /** Take a module that has changed since the weights were made. */
  readonly force?: boolean;
}

/** A network that is not in an engine yet: `loadModel(bytes, engine, { source, into })`. */
export interface UsableNetwork extends ModelFile {
  readonly bytes: Uint8Array;
  readonly into: Model;
  readonly description: ModelDescription & { readonly normalisation: Normalisation };
}

/** Throws as `withModules`, `readWeightsFile`, `readModelFile` and `modelOf`; WEIGHTS for a file that does not say what it holds and takes. */
export async function usableNetwork(path: string, modules: NeededModules): Promise<UsableNetwork> {
  const { settings, own } = await withModules(modules);
  const { bytes, source } = await readWeightsFile(path);
  const file = readModelFile(bytes, source);
  checkNamed(file, partName(own.models, settings.model));
  const into = await modelOf(file, own).catch((error: unknown) => {
    throw fromModule(error, Object.keys(own.sha256));
  });
  const { description } = file;
  const normalisation = description?.normalisation;
  if (into && normalisation) return { ...file, bytes, into, description: { ...description, normalisation } };
  throw new LimbeckError(
    "WEIGHTS",
    `${source} does not say which network it holds and what images it takes; give a file that Limbeck wrote after a training`,
  );
}
