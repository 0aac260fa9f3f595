/** @file The configuration that an experiment runs with: the caller's, or, when it resumes, the one that its folder holds. */
import { resolve } from "node:path";
import { isHubName } from "../../data/hub-name.ts";
import { recogniseDataset } from "../../data/node/cifar.ts";
import { LimbeckError } from "../../errors.ts";
import { isModulePath } from "../settings/values.ts";
import { allSettings, parseConfig, type Command, type Config } from "../config.ts";
import { checkExtension } from "../extension.ts";
import { readJson, type ExperimentFolder } from "../folder.ts";
import { datasetNamed } from "./load-data.ts";
import { fromModule } from "./modules/failed.ts";
import { loadModules, type ModuleSettings, type OwnModules } from "./modules/load.ts";

/** The commands that train. */
export type TrainingCommand = Exclude<Command, "evaluate">;

/** A whole configuration, and what the modules give that it names. */
export interface ResolvedConfig<C extends Command> {
  readonly config: Config<C>;
  readonly own: OwnModules;
}

/**
 * The whole configuration, its paths absolute so that it means the same wherever the experiment is resumed from, with the checksums of its
 * modules.
 *
 * Throws CONFIG, and OUTPUT for a folder that holds an experiment already, or none to resume, or one of another command; as `loadModules`.
 */
export async function resolveConfig<C extends TrainingCommand>(
  command: C,
  input: unknown,
  folder: ExperimentFolder,
  { resume, resolved }: { readonly resume: boolean; readonly resolved?: ResolvedConfig<C> | undefined },
): Promise<ResolvedConfig<C>> {
  const held = (await readJson(folder, "config.json")) as { readonly command?: unknown } | undefined;
  if (!resume) {
    const { config, own } = resolved ?? (await parseWithModules(command, input));
    if (held) throw refused("already holds an experiment; resume that one, or choose another folder");
    return { config: withAbsolutePaths(config), own };
  }
  if (!held) throw refused("holds no experiment to resume; leave out --resume to start one");
  const { command: itsCommand, ...saved } = held;
  if (itsCommand !== command)
    throw refused(`holds an experiment of limbeck ${String(itsCommand)}; resume it with that`);
  const { threads, force, epochs } = (input ?? {}) as Readonly<Record<"threads" | "force" | "epochs", unknown>>;
  const begun = { ...saved, ...(threads !== undefined && { threads }), ...(force !== undefined && { force }) };
  if (epochs === undefined) return parseWithModules(command, begun);
  const { config } = await parseWithModules(command, begun);
  const extended = await parseWithModules(command, { ...begun, epochs });
  checkExtension(command, config, extended.config.epochs);
  return extended;
}

/** A configuration, whose names may be paths, with the checksums of the modules among them. Throws as `withPaths`, `loadModules` and `parseConfig`. */
export async function parseWithModules<C extends Command>(command: C, input: unknown): Promise<ResolvedConfig<C>> {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  const { settings, own } = isObject
    ? await withModules(input as ModuleSettings)
    : { settings: input, own: await loadModules({}) };
  const paths = Object.keys(own.sha256);
  try {
    const config = parseConfig(command, settings, own);
    return { config: paths.length > 0 ? { ...config, modules: own.sha256 } : config, own };
  } catch (error) {
    throw fromModule(error, paths);
  }
}

/** Settings that mean the same wherever they are read. Throws as `datasetNamed` and `recogniseDataset`. */
export async function absoluteSettings<Settings extends ModuleSettings>(settings: Settings): Promise<Settings> {
  return withAbsolutePaths(await withPaths(settings));
}

/** The configuration with all paths absolute. */
function withAbsolutePaths<C extends object>(config: C): C {
  const absolute = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(absolute)
      : typeof value === "string" && !isHubName(value)
        ? resolve(value)
        : value;
  const changed = Object.entries(config).filter(([name]) => isPath.has(name));
  return { ...config, ...Object.fromEntries(changed.map(([name, value]) => [name, absolute(value)])) };
}

const namesWith = (property: "isPath" | "isModule"): readonly string[] =>
  Object.entries(allSettings).flatMap(([name, setting]) => (setting[property] ? name : []));
const isPath = new Set(namesWith("isPath"));

function refused(problem: string): LimbeckError {
  return new LimbeckError("OUTPUT", `the output folder ${problem}`);
}

/** The modules among some settings, whose paths may be relative, and the settings with absolute ones. Throws as `loadModules`. */
export async function withModules<Settings extends ModuleSettings>(
  settings: Settings,
): Promise<{ readonly settings: Settings; readonly own: OwnModules }> {
  const absolute = await withPaths(settings);
  return { settings: absolute, own: await loadModules(absolute) };
}

/**
 * A configuration whose modules have absolute paths, and whose data set is a name of the table or an absolute path; where it names a
 * folder of data but no data set, the one that lies there. Throws as `datasetNamed` and `recogniseDataset`; values of wrong types are left
 * to the schema.
 */
async function withPaths<Settings extends ModuleSettings>(settings: Settings): Promise<Settings> {
  const { dataset, dataDir } = settings;
  const isMissing = dataset === undefined && typeof dataDir === "string" && dataDir !== "";
  const named = namesWith("isModule").filter((key) => Object.hasOwn(settings, key));
  return {
    ...settings,
    ...Object.fromEntries(
      named.map((key) => [key, absoluteNames((settings as Readonly<Record<string, unknown>>)[key])]),
    ),
    ...(typeof dataset === "string" && dataset !== "" && { dataset: await datasetNamed(dataset) }),
    ...(isMissing && { dataset: await recogniseDataset(dataDir) }),
  };
}

/** Names, one or several, with the paths of modules among them absolute; of methods too, `kd+./mine.ts,dist`. */
function absoluteNames(names: unknown): unknown {
  if (Array.isArray(names)) return names.map(absoluteNames);
  if (typeof names !== "string") return names;
  return names
    .split(/([+,])/)
    .map((name) => (isModulePath(name) ? resolve(name) : name))
    .join("");
}
