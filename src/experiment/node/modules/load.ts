/** @file The modules that a configuration names: read, compared with what they were, loaded, and what they give checked. */
import type { DatasetEntry } from "../../../data/index.ts";
import { readRegularFile } from "../../../data/node/read-file.ts";
import { LimbeckError } from "../../../errors.ts";
import type { Own } from "../../../model-file/index.ts";
import { sha256Hex } from "../../../sha256.ts";
import { methodNames } from "../../settings/network.ts";
import { isModulePath } from "../../settings/values.ts";
import { datasetOf } from "./dataset.ts";
import { moduleFailed } from "./failed.ts";
import { imported, type LoadedModule } from "./import.ts";
import { methodOf } from "./method.ts";
import { modelOf } from "./model.ts";

/** The settings that may name modules, by absolute paths, as they came: values of wrong types are left to the schema. */
export interface ModuleSettings {
  readonly model?: unknown;
  readonly student?: unknown;
  readonly teacherModel?: unknown;
  readonly assistants?: unknown;
  readonly method?: unknown;
  readonly dataset?: unknown;
  readonly dataDir?: unknown;
  /** SHA-256 that they should have, by their paths. */
  readonly modules?: unknown;
  readonly force?: unknown;
}

/** What the modules of a configuration give, by their paths. */
export interface OwnModules extends Own {
  readonly datasets: ReadonlyMap<string, Pick<DatasetEntry, "load">>;
  /** Of the modules' content. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** A module has fewer bytes than this. */
const MOST_BYTES = 2 ** 24;

/**
 * Loads them. Throws MODULE for one that cannot be read or loaded, or does not give what it is named for; CHECKSUM for one that is
 * not what `modules` says, unless `force` is set.
 */
export async function loadModules(settings: ModuleSettings): Promise<OwnModules> {
  const { model, student, teacherModel, assistants, method, dataset, modules, force } = settings;
  const paths = {
    models: modulesIn([model, student, teacherModel, assistants]),
    methods: modulesIn(methodNames(method)),
    datasets: modulesIn([dataset]),
  };
  const loaded = new Map<string, LoadedModule>();
  for (const path of Object.values(paths).flatMap((each) => [...each])) {
    if (!loaded.has(path)) loaded.set(path, await load(path, force === true ? undefined : modules));
  }
  const given = <Part>(each: ReadonlySet<string>, partOf: (module: LoadedModule) => Part): Map<string, Part> =>
    new Map([...each].map((path) => [path, read(loaded.get(path)!, partOf)]));
  const models = given(paths.models, modelOf);
  checkNames(models);
  const methods = given(paths.methods, methodOf);
  checkNames(methods);
  return {
    models,
    methods,
    datasets: given(paths.datasets, datasetOf),
    sha256: Object.fromEntries([...loaded.values()].map(({ path, sha256 }) => [path, sha256])),
    force: force === true,
  };
}

/** A part of a module. Throws MODULE, also where getters or a proxy throw while it is looked at. */
function read<Part>(module: LoadedModule, partOf: (module: LoadedModule) => Part): Part {
  try {
    return partOf(module);
  } catch (error) {
    throw error instanceof LimbeckError ? error : moduleFailed(error, module.path, "cannot be used");
  }
}

function modulesIn(values: readonly unknown[]): ReadonlySet<string> {
  return new Set(values.flat().filter((value): value is string => typeof value === "string" && isModulePath(value)));
}

async function load(path: string, expected: unknown): Promise<LoadedModule> {
  const bytes = await readRegularFile(path, { most: MOST_BYTES }).catch((cause: Error) => {
    throw new LimbeckError("MODULE", `the module ${path} cannot be read: ${cause.message}; give another path`, {
      cause,
    });
  });
  const sha256 = await sha256Hex(bytes);
  const known: unknown = Object.entries(expected ?? {}).find(([name]) => name === path)?.[1];
  if (known !== undefined && known !== sha256) {
    throw new LimbeckError(
      "CHECKSUM",
      `the module ${path} has changed since: expected SHA-256 ${String(known)}, got ${sha256}; put it back as it was, start again ` +
        "in a new folder, or go on with the changed one with --force",
    );
  }
  return imported(path, sha256);
}

/** Throws MODULE where two have one name: results and files would mistake one for the other. */
function checkNames(parts: ReadonlyMap<string, { readonly name: string }>): void {
  const seen = new Map<string, string>();
  for (const [path, { name }] of parts) {
    const other = seen.get(name);
    if (other !== undefined) {
      throw new LimbeckError("MODULE", `${other} and ${path} both give ${name}; call one of them otherwise`);
    }
    seen.set(name, path);
  }
}
