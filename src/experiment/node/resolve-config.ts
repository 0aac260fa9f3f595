/** @file The configuration that an experiment runs with: the caller's, or, when it resumes, the one that its folder holds. */
import { resolve } from "node:path";
import { recogniseDataset } from "../../data/node/cifar.ts";
import { LimbeckError } from "../../errors.ts";
import { parseConfig, type Command, type Config } from "../config.ts";
import { readJson, type ExperimentFolder } from "../folder.ts";
import { datasetNamed } from "./load-data.ts";

/** The commands that train. */
export type TrainingCommand = Exclude<Command, "evaluate">;

/**
 * The whole configuration, its paths absolute so that it means the same wherever the experiment is resumed from.
 *
 * Throws CONFIG, and OUTPUT for a folder that holds an experiment already, or none to resume, or one of another command.
 */
export async function resolveConfig<C extends TrainingCommand>(
  command: C,
  input: unknown,
  folder: ExperimentFolder,
  resume: boolean,
): Promise<Config<C>> {
  const held = (await readJson(folder, "config.json")) as { readonly command?: unknown } | undefined;
  if (!resume) {
    const config = parseConfig(command, await withDataset(input));
    if (held) throw refused("already holds an experiment; resume that one, or choose another folder");
    return withAbsolutePaths(config);
  }
  if (!held) throw refused("holds no experiment to resume; leave out --resume to start one");
  const { command: itsCommand, ...saved } = held;
  if (itsCommand !== command)
    throw refused(`holds an experiment of limbeck ${String(itsCommand)}; resume it with that`);
  const { threads, force } = (input ?? {}) as { readonly threads?: unknown; readonly force?: unknown };
  return parseConfig(command, {
    ...saved,
    ...(threads !== undefined && { threads }),
    ...(force !== undefined && { force }),
  });
}

function withAbsolutePaths<
  T extends {
    readonly dataDir?: string | undefined;
    readonly weights?: string | undefined;
    readonly teacher?: string | readonly string[] | undefined;
  },
>(config: T): T {
  const { dataDir, weights, teacher } = config;
  const teachers = typeof teacher === "string" ? resolve(teacher) : teacher?.map((file) => resolve(file));
  return {
    ...config,
    ...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
    ...(weights !== undefined && { weights: resolve(weights) }),
    ...(teachers !== undefined && { teacher: teachers }),
  };
}

function refused(problem: string): LimbeckError {
  return new LimbeckError("OUTPUT", `the output folder ${problem}`);
}

/**
 * A configuration whose data set is a name of the table or an absolute path; where it names a folder of data but no data set, the one
 * that lies there. Throws as `datasetNamed` and `recogniseDataset`; values of wrong types are left to the schema.
 */
export async function withDataset<Input>(input: Input): Promise<Input> {
  const { dataset, dataDir } = (input ?? {}) as { readonly dataset?: unknown; readonly dataDir?: unknown };
  if (typeof dataset === "string" && dataset !== "") return { ...input, dataset: datasetNamed(dataset) };
  if (dataset !== undefined || typeof dataDir !== "string" || dataDir === "") return input;
  return { ...input, dataset: await recogniseDataset(dataDir) };
}
