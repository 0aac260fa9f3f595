/** @file What the commands that train have in common: choose the folder, run, show, report, suggest what to do next. */
import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { LimbeckError, type ErrorCode } from "../errors.ts";
import { type Results, resultsAsJson, type RunRecord } from "../experiment/index.ts";
import { commandSettings, type Config, flagName, type Setting } from "../experiment/settings/index.ts";
import { openExperiment, type ResolvedConfig, type TrainingCommand } from "../experiment/node/index.ts";
import type { Own } from "../model-file/index.ts";
import { oneLine, printable } from "../printable.ts";
import { comparison, headline, terminalTable } from "../report/index.ts";
import { compareRecords, comparisonAsCsv, comparisonAsText, seedsIn, type StudyComparison } from "../study/index.ts";
import { shellWords } from "../shell-words.ts";
import { calledAs, makingCommand } from "./command-line.ts";
import { checkWorkingFolder, newFolder } from "./folders.ts";
import { follow, interruptible } from "./follow.ts";
import type { ParsedOptions, OutputOptions } from "./options.ts";
import { jsonLine, print, printMessage, stdoutColumns, style, wrapped } from "./output.ts";
import { display, type Display } from "./progress.ts";
import { writeReport } from "./report-file.ts";
import { settingsOf } from "./settings.ts";

export interface ExperimentCommand {
  readonly command: "tutorial" | "train" | "distill";
  readonly options: ParsedOptions;
  readonly output: OutputOptions;
  /** Whether it prints the table and one sentence: all else is in the report. */
  readonly isBrief?: true;
  /** What is worth trying once it is done. */
  readonly next: (folder: string, made: Made) => readonly Try[];
}

/** A word about a command, and the command. */
export type Try = readonly [what: string, line: string];

/** What an experiment has made. */
export interface Made {
  readonly config: Config<TrainingCommand>;
  readonly own: Own;
  readonly runs: readonly RunRecord[];
  readonly dataset: Dataset;
}

/** What is kept of a run that ends in an error that it may be resumed after: an interrupt, an engine whose device was lost, a module that fails. */
const savedBefore: Partial<Record<ErrorCode, string>> = {
  ABORTED: "What is done",
  MODULE: "What was done up to the last checkpoint",
  ENGINE: "What was done up to the last checkpoint",
};

/** Runs an experiment to its end. Throws, after printing how to resume it if it was interrupted. */
export async function runExperiment({ command, options, output, isBrief, next }: ExperimentCommand): Promise<void> {
  checkResume(command, options, output);
  checkWorkingFolder();
  const { resume, json = false, csv = false } = output;
  const chosen = resume === undefined ? await settingsOf(command, options.settings, output.config) : undefined;
  const settings = chosen?.settings ?? options.settings;
  const folder = resume ?? output.out ?? newFolder([command, basename(chosen?.config.dataset ?? "")]);
  const shown = display();
  const resumeCommand = `${calledAs(command)} --resume ${shellWords([folder])}`;
  let begun = resume !== undefined;
  try {
    const { config, own, results, runs, seeds, dataset, report } = await interruptible(
      (signal) =>
        perform({
          command,
          settings,
          resolved: chosen,
          folder,
          resume: resume !== undefined,
          signal,
          shown,
          onBegin: () => (begun = true),
        }),
      () => shown.note("Stopping after the steps under way; Ctrl-C again stops at once."),
    ).finally(() => shown.close());
    const text = json
      ? jsonLine({ ...(resultsAsJson({ ...results, folder, report }) as object), overSeeds: seeds })
      : csv
        ? comparisonAsCsv(seeds ?? compareRecords(runs, dataset.test.labels))
        : summary({
            results,
            runs,
            seeds,
            labels: dataset.test.labels,
            classes: dataset.classes,
            report,
            isBrief,
            tries: next(folder, { config, own, runs, dataset }),
          });
    await print(text);
  } catch (error) {
    const saved = error instanceof LimbeckError ? savedBefore[error.code] : undefined;
    if (begun && saved && existsSync(join(folder, "config.json"))) {
      printMessage(`${saved} is saved in ${oneLine(folder)}. To resume:\n  ${resumeCommand}`);
    }
    throw error;
  }
}

interface Performance {
  readonly command: ExperimentCommand["command"];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly resolved: ResolvedConfig<TrainingCommand> | undefined;
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly shown: Display;
  /** Called when there is something to resume. */
  readonly onBegin: () => void;
}

interface Performed extends Made {
  readonly results: Results;
  /** Of runs with several seeds. */
  readonly seeds: StudyComparison | undefined;
  readonly report: string;
}

async function perform({
  command,
  settings,
  resolved,
  folder,
  resume,
  signal,
  shown,
  onBegin,
}: Performance): Promise<Performed> {
  const options = {
    out: folder,
    resume,
    resolved,
    signal,
    onDownload: shown.download,
    onPictures: shown.pictures,
    onAnswers: shown.answers,
  };
  // A folder that was made for nothing; one that holds something stays.
  const removeEmpty = (): Promise<void> => rmdir(folder).catch(() => {});
  const experiment = await openExperiment(command, settings, options).catch(async (error: unknown) => {
    await removeEmpty();
    throw error;
  });
  try {
    const { dataset, config, engine, own } = experiment;
    let runs: readonly RunRecord[] = [];
    const results = await follow(experiment.run(), (event) => {
      onBegin();
      shown.show(event);
      if (event.kind === "end") runs = event.runs;
    });
    const place = { folder: experiment.folder, path: folder };
    const making = await makingCommand(command, { ...config, engine }, place);
    const seeds = seedsIn(runs) > 1 ? compareRecords(runs, dataset.test.labels) : undefined;
    const report = await writeReport({
      folder: experiment.folder,
      dataset,
      results,
      runs,
      command: making,
      overSeeds: seeds,
    });
    for (const text of experiment.folder.notes.splice(0)) shown.note(text);
    return { config, own, results, runs, seeds, dataset, report: join(folder, report) };
  } finally {
    await experiment.close();
    await removeEmpty();
  }
}

/** A resumed experiment is the folder's, but for what may be set again. Throws ARGUMENT, OUTPUT. */
function checkResume(
  command: ExperimentCommand["command"],
  { flags }: ParsedOptions,
  { resume, config, out }: OutputOptions,
): void {
  if (resume === undefined) return;
  const resumable = new Set(
    Object.values<Setting>(commandSettings[command]).flatMap(({ isResumable, flags }) =>
      isResumable ? flags.map(flagName) : [],
    ),
  );
  const refused = [
    ...flags.filter((flag) => !resumable.has(flag)),
    ...Object.entries({ "--config": config, "--out": out }).flatMap(([flag, value]) =>
      value === undefined ? [] : flag,
    ),
  ];
  if (refused.length > 0) {
    throw new LimbeckError(
      "ARGUMENT",
      `--resume takes everything but --threads, --force and more --epochs from ${resume}/config.json; leave out ${refused.join(" ")}`,
    );
  }
  if (!existsSync(join(resume, "config.json"))) {
    throw new LimbeckError("OUTPUT", `${resume} holds no run to resume: it has no config.json; check the path`);
  }
}

interface Summary {
  readonly results: Results;
  readonly runs: readonly RunRecord[];
  /** Of runs with several seeds. */
  readonly seeds: StudyComparison | undefined;
  /** True classes of the test images. */
  readonly labels: ArrayLike<number>;
  readonly classes: readonly string[];
  readonly report: string;
  readonly isBrief: true | undefined;
  readonly tries: readonly Try[];
}

function summary({ results, runs, seeds, labels, classes, report, isBrief, tries }: Summary): string {
  const { claim, context, caution } = headline(runs, results.seed, labels, classes);
  const bold = (text: string): string => style("bold", printable(text), process.stdout);
  const found = seeds
    ? [comparisonAsText(seeds, stdoutColumns())]
    : [
        terminalTable(comparison(runs, labels), stdoutColumns()),
        "",
        wrapped([bold(claim), isBrief ? "" : printable(context)].filter(Boolean).join(" ")),
        style("dim", wrapped(printable(isBrief ? caution.replace(/(?<=\.) .*/, "") : caution)), process.stdout),
      ];
  return [
    "",
    ...found,
    "",
    `Report: ${bold(report)}`,
    "",
    "Next:",
    // NOTE: a command stays one line, to be copied as it is.
    ...tries.flatMap(([what, line]) => [style("dim", `  # ${oneLine(what)}`, process.stdout), `  ${line}`]),
  ].join("\n");
}
