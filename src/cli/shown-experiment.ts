/** @file `limbeck show` of an experiment's folder: its state, its runs, its files, and the command that goes on with it. */
import type { ExperimentRun, ExperimentState } from "../experiment/node/index.ts";
import { oneLine, printable } from "../printable.ts";
import { alignedLines, bytes, count, duration, percent } from "../report/index.ts";
import { shellWords } from "../shell-words.ts";
import { calledAs } from "./command-line.ts";
import { dateText, stdoutColumns, style } from "./output.ts";

/** Files that are listed; the largest. */
const LISTED = 10;

/** For a terminal. */
export function experimentAsText(folder: string, state: ExperimentState): string {
  const { command, config, runs, begun, changed, files } = state;
  const dim = (text: string): string => style("dim", text, process.stdout);
  const what = `limbeck ${command} on ${oneLine(String(config["dataset"]))}, ${stateText(state)}`;
  const dates = [
    ...(begun === undefined ? [] : [`begun ${dateText(begun)}`]),
    ...(changed === undefined ? [] : [`last written ${dateText(changed)}`]),
    ...(typeof config["engine"] === "string" ? [`engine ${config["engine"]}`] : []),
  ];
  const listed = files.toSorted((a, b) => b.bytes - a.bytes).slice(0, LISTED);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${style("bold", oneLine(folder), process.stdout)}: ${what}`,
    dim(dates.join(", ")),
    ...(runs.length === 0 ? [] : ["", alignedLines([headings(runs), ...runs.map(cells)], stdoutColumns())]),
    "",
    `${count(files.length)} files, ${bytes(total)}${files.length > LISTED ? `; the largest ${LISTED}:` : ":"}`,
    alignedLines(listed.map((file) => [`  ${oneLine(file.path)}`, bytes(file.bytes)])),
    ...(state.state === "stopped" ? ["", "To go on:", `  ${resumeCommand(folder, state)}`] : []),
  ].join("\n");
}

/** For programs: without predictions and confusions, which `run.json` has. */
export function experimentAsJson(folder: string, state: ExperimentState): object {
  const { runs, files, changed, config, ...rest } = state;
  return {
    kind: "experiment",
    folder,
    ...rest,
    changed,
    dataset: config["dataset"],
    engine: config["engine"],
    runs: runs.map(({ record, at, ...run }) => ({
      ...run,
      ...at,
      ...(record && {
        accuracy: record.test.accuracy,
        measuredOn: record.measuredOn,
        measure: record.measure,
        parameters: record.parameters,
        seconds: record.seconds,
      }),
    })),
    files: files.map(({ path, bytes }) => ({ path, bytes })),
    resume: state.state === "stopped" ? resumeCommand(folder, state) : undefined,
  };
}

function resumeCommand(folder: string, { command }: ExperimentState): string {
  return `${calledAs(command)} --resume ${shellWords([folder])}`;
}

function stateText({ state, holder, runs }: ExperimentState): string {
  if (state === "done") return "done";
  const current = runs.find((run) => run.state === "begun");
  const finished = runs.filter((run) => run.state === "done").length;
  const ofRuns = runs.length > 1 ? `, ${finished} of ${runs.length} runs done` : "";
  const place = current ? ` in ${placeOf(current)}` : " before the first step of a run";
  return state === "stopped" ? `stopped${place}${ofRuns}` : `under way by ${holder}${place}${ofRuns}`;
}

/** `epoch 3 of 10` */
function placeOf({ at, epochs }: ExperimentRun): string {
  if (!at) return "its first epoch";
  return at.phase === undefined ? `epoch ${at.epoch} of ${epochs}` : `pre-training, epoch ${at.epoch}`;
}

function headings(runs: readonly ExperimentRun[]): string[] {
  const [first] = runs.flatMap(({ record }) => record ?? []);
  const measured = first?.measure ? "Agreement" : first?.measuredOn ? "Validation accuracy" : "Test accuracy";
  return ["Run", "State", measured, "Network", "Method", "Seed", "Parameters", "Time", "Folder"];
}

function cells(run: ExperimentRun): string[] {
  const { name, title, model, method, seed, state, done, steps, record } = run;
  const progress = state === "begun" ? `${Math.floor((100 * done) / Math.max(1, steps))}%, ${placeOf(run)}` : state;
  return [
    printable(title),
    progress,
    record ? percent(record.test.accuracy) : "",
    oneLine(model),
    oneLine(method),
    String(seed),
    record ? count(record.parameters) : "",
    record ? duration(record.seconds) : "",
    oneLine(name),
  ];
}
