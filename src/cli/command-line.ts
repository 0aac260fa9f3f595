/** @file Command lines to show: how Limbeck was called, and the one that a configuration stands for or that makes an experiment again. */
import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { allSettings, wordsFor } from "../experiment/settings/index.ts";
import { shellWords } from "../shell-words.ts";
import type { ExperimentFolder } from "../experiment/index.ts";
import type { TrainingCommand } from "../experiment/node/index.ts";

/**
 * `limbeck tutorial shapes --epochs 4 ...`: every setting that changes the result, defaults spelled out, so that
 * it gives the same after they change. The engine's threads do not.
 */
export function commandLine(
  called: string,
  { dataset, ...config }: Readonly<Record<string, unknown>> & { readonly dataset?: string },
): string {
  const options = Object.entries(config).flatMap(([name, value]) =>
    wordsFor(name, Object.hasOwn(allSettings, name) ? allSettings[name] : undefined, value),
  );
  const words = [...(dataset === undefined ? [] : [dataset]), ...options];
  return [called, ...(words.length > 0 ? [shellWords(words)] : [])].join(" ");
}

/** How to call a command in the way this one was called: installed, by npx, or from the sources, in their folder by npm. */
export function calledAs(command: string): string {
  return `${caller()} ${command}`;
}

function caller(): string {
  const script = process.argv[1] ?? "";
  // NOTE: npm brings the Node that runs the sources; the one on the path may be too old for TypeScript.
  if (script.endsWith(".ts")) return isInClone() ? "npm run limbeck --" : shellWords([process.execPath, script]);
  if (process.env["npm_lifecycle_event"] === "npx" || script.includes("node_modules")) return "npx limbeck";
  return script.endsWith(".js") ? shellWords(["node", script]) : "limbeck";
}

function isInClone(): boolean {
  try {
    return process.cwd() === fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
  } catch {
    return false; // the working folder was removed
  }
}

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
  const { toJson } = await import("../experiment/index.ts");
  await folder.write(TEACHER_LABELS, toJson(teacherLabels));
  return commandLine(calledAs(command), { ...config, teacherLabels: resolve(path, TEACHER_LABELS) });
}
