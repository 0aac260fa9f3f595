/** @file What the commands that train have in common: settle the folder, run, show, report, say what comes next. */
import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { LimbeckError } from "../errors.ts";
import type { Config } from "../experiment/config.ts";
import { openExperiment } from "../experiment/node/open.ts";
import type { Trainer } from "../experiment/node/settle.ts";
import { readWeightsFile } from "../experiment/node/weights-file.ts";
import type { Results, RunRecord } from "../experiment/record.ts";
import { printable } from "../printable.ts";
import { comparison, terminalTable } from "../report/comparison.ts";
import { headline } from "../report/headline.ts";
import { commandLine, optionName } from "./command-line.ts";
import { follow } from "./follow.ts";
import { interruptible } from "./interrupt.ts";
import type { OutputOptions } from "./options.ts";
import { newFolder } from "./out-folder.ts";
import { jsonLine, print, say } from "./print.ts";
import { display, type Display } from "./progress.ts";
import { writeReport } from "./report-file.ts";
import { settingsOf } from "./settings.ts";
import { calledAs, shellWords, style } from "./terminal.ts";
import { checkWorkingFolder } from "./working-folder.ts";
import { stdoutColumns, wrapped } from "./wrapped.ts";

export interface ExperimentCommand {
  readonly command: "tutorial" | "train" | "distill";
  /** What the command line says of the configuration. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly output: OutputOptions;
  /** Throws for a method, or options of it, that the command cannot take. */
  readonly check?: (method: Pick<Config<"train">, "method" | "options">) => unknown;
  /** What is worth trying once it is done. */
  readonly next: (folder: string, made: Made) => readonly Try[];
}

/** A word about a command, and the command. */
export type Try = readonly [what: string, line: string];

/** What an experiment has made. */
export interface Made {
  readonly config: Config<Trainer>;
  /** Of the last run. */
  readonly model: string;
  readonly runs: readonly RunRecord[];
}

/** Runs an experiment to its end. Throws, after telling how to go on if it was interrupted. */
export async function runExperiment({ command, given: said, output, check, next }: ExperimentCommand): Promise<void> {
  checkResume(said, output);
  checkWorkingFolder();
  const { resume, json = false } = output;
  const given = resume === undefined ? await checkedSettings(command, said, check) : said;
  const folder = resume ?? output.out ?? newFolder([command, String(given["dataset"] ?? "shapes")]);
  const shown = display();
  const goOn = `${calledAs(command)} --resume ${shellWords([folder])}`;
  let begun = resume !== undefined;
  try {
    const { config, results, runs, report } = await interruptible(
      (signal) =>
        perform({ command, given, folder, resume: resume !== undefined, signal, shown, onBegin: () => (begun = true) }),
      () => shown.note("Stopping after this step; Ctrl-C again stops at once."),
    ).finally(() => shown.close());
    const text = json
      ? jsonLine({ ...results, folder, report })
      : summary({
          results,
          runs,
          report,
          tries: next(folder, { config, model: runs.at(-1)!.model, runs }),
        });
    await print(text);
  } catch (error) {
    const isStopped = begun && error instanceof LimbeckError && error.code === "ABORTED";
    if (isStopped && existsSync(join(folder, "config.json"))) {
      say(`What is done is kept in ${folder}. To go on:\n  ${goOn}`);
    }
    throw error;
  }
}

/** Fails before data are drawn or downloaded for nothing. */
async function checkedSettings(
  command: ExperimentCommand["command"],
  said: ExperimentCommand["given"],
  check: ExperimentCommand["check"],
): Promise<ExperimentCommand["given"]> {
  const { given, config } = await settingsOf(command, said);
  if ("method" in config) check?.(config);
  for (const file of [("teacher" in config && config.teacher) || []].flat()) await readWeightsFile(file);
  return given;
}

interface Performance {
  readonly command: ExperimentCommand["command"];
  readonly given: Readonly<Record<string, unknown>>;
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly shown: Display;
  /** Called when there is something to go on with. */
  readonly onBegin: () => void;
}

async function perform({ command, given, folder, resume, signal, shown, onBegin }: Performance): Promise<{
  readonly config: Config<Trainer>;
  readonly results: Results;
  readonly runs: readonly RunRecord[];
  readonly report: string;
}> {
  const options = { out: folder, resume, signal, onDownload: shown.download };
  // A folder that was made for nothing; one that holds something stays.
  const removeEmpty = (): Promise<void> => rmdir(folder).catch(() => {});
  const experiment = await openExperiment(command, given, options).catch(async (error: unknown) => {
    await removeEmpty();
    throw error;
  });
  try {
    const { dataset, config } = experiment;
    const runs: RunRecord[] = [];
    const results = await follow(experiment.run(), (event) => {
      onBegin();
      shown.show(event);
      if (event.kind === "run-end") runs.push(event.record);
    });
    const making = commandLine(`limbeck ${command}`, config);
    const report = await writeReport({ folder: experiment.folder, dataset, results, runs, command: making });
    for (const text of experiment.folder.notes.splice(0)) shown.note(printable(text));
    return { config, results, runs, report: join(folder, report) };
  } finally {
    await experiment.close();
    await removeEmpty();
  }
}

/** What may be said again of an experiment that goes on. */
const resumable: ReadonlySet<string> = new Set(["threads", "force"]);

/** A resumed experiment is the folder's, but for what may be said again. Throws ARGUMENT, OUTPUT. */
function checkResume(given: ExperimentCommand["given"], { resume, out }: OutputOptions): void {
  if (resume === undefined) return;
  const said = Object.keys({ ...given, ...(out !== undefined && { out }) }).filter((name) => !resumable.has(name));
  if (said.length > 0) {
    throw new LimbeckError(
      "ARGUMENT",
      `--resume takes everything but --threads and --force from ${resume}/config.json; leave out ${said.map(optionName).join(" ")}`,
    );
  }
  if (!existsSync(join(resume, "config.json"))) {
    throw new LimbeckError("OUTPUT", `${resume} holds no run to go on with: it has no config.json; check the path`);
  }
}

interface Summary {
  readonly results: Results;
  readonly runs: readonly RunRecord[];
  readonly report: string;
  readonly tries: readonly Try[];
}

function summary({ results, runs, report, tries }: Summary): string {
  const { claim, context, caution } = headline(runs, results.seed);
  const bold = (text: string): string => style("bold", printable(text), process.stdout);
  return [
    "",
    terminalTable(comparison(runs), stdoutColumns()),
    "",
    wrapped([bold(claim), printable(context)].filter(Boolean).join(" ")),
    style("dim", wrapped(caution), process.stdout),
    "",
    `Report: ${bold(report)}`,
    "",
    "Next:",
    // NOTE: a command stays one line, to be copied as it is.
    ...tries.flatMap(([what, line]) => [style("dim", `  # ${what}`, process.stdout), `  ${line}`]),
  ].join("\n");
}
