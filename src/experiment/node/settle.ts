/** @file Which configuration an experiment runs with: the one given, or, when it goes on, the one its folder holds. */
import { resolve } from "node:path";
import { LimbeckError } from "../../errors.ts";
import { parseConfig, type Command, type Config } from "../config.ts";
import { readJson, type ExperimentFolder } from "../folder.ts";

/** The commands that train. */
export type Trainer = Exclude<Command, "evaluate">;

/**
 * The whole configuration, its paths absolute so that it means the same wherever the experiment goes on.
 *
 * Throws CONFIG, and OUTPUT for a folder that holds an experiment already, or none to go on with, or one of another command.
 */
export async function settleConfig<C extends Trainer>(
  command: C,
  given: unknown,
  folder: ExperimentFolder,
  resume: boolean,
): Promise<Config<C>> {
  const held = (await readJson(folder, "config.json")) as { readonly command?: unknown } | undefined;
  if (!resume) {
    const config = parseConfig(command, given);
    if (held) throw refused("already holds an experiment; resume that one, or choose another folder");
    return absolute(config);
  }
  if (!held) throw refused("holds no experiment to go on with; leave out --resume to start one");
  const { command: itsCommand, ...saved } = held;
  if (itsCommand !== command)
    throw refused(`holds an experiment of limbeck ${String(itsCommand)}; resume it with that`);
  const { threads, force } = (given ?? {}) as { readonly threads?: unknown; readonly force?: unknown };
  return parseConfig(command, {
    ...saved,
    ...(threads !== undefined && { threads }),
    ...(force !== undefined && { force }),
  });
}

function absolute<
  T extends { readonly dataDir?: string | undefined; readonly teacher?: string | readonly string[] | undefined },
>(config: T): T {
  const { dataDir, teacher } = config;
  const teachers = typeof teacher === "string" ? resolve(teacher) : teacher?.map((file) => resolve(file));
  return {
    ...config,
    ...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
    ...(teachers !== undefined && { teacher: teachers }),
  };
}

function refused(problem: string): LimbeckError {
  return new LimbeckError("OUTPUT", `the output folder ${problem}`);
}
