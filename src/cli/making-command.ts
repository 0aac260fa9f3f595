/** @file The command that makes an experiment again: every setting, with a file in its folder where an option takes one. */
import { resolve } from "node:path";
import { toJson, type ExperimentFolder } from "../experiment/folder.ts";
import type { TrainingCommand } from "../experiment/node/resolve-config.ts";
import { calledAs, commandLine } from "./command-line.ts";

/** In the experiment's folder: the classes that `--teacher-labels` names. */
const TEACHER_LABELS = "teacher-labels.json";

/** `limbeck distill ...`; what `--teacher-labels` reads is written into the experiment's folder, which lies at `path`. */
export async function makingCommand(
  command: TrainingCommand,
  config: Readonly<Record<string, unknown>> & { readonly dataset: string },
  { folder, path }: { readonly folder: Pick<ExperimentFolder, "write">; readonly path: string },
): Promise<string> {
  const { teacherLabels } = config;
  if (teacherLabels === undefined) return commandLine(calledAs(command), config);
  await folder.write(TEACHER_LABELS, toJson(teacherLabels));
  return commandLine(calledAs(command), { ...config, teacherLabels: resolve(path, TEACHER_LABELS) });
}
