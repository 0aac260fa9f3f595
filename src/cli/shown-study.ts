/** @file `limbeck show` of a study's folder: how many runs are in which state, who works, what is left, and what is known so far. */
import { oneLine, printable } from "../printable.ts";
import { count, duration } from "../report/index.ts";
import { shellWords } from "../shell-words.ts";
import type { StudyRunState, StudyState } from "../study/node/index.ts";
import { calledAs } from "./command-line.ts";
import { listWithin, stdoutColumns, style, wrapped } from "./output.ts";

/** The states of runs, in the order in which a run goes through them. */
const states = ["new", "begun", "claimed", "done", "set aside"] as const satisfies readonly StudyRunState["state"][];

/** Runs of a state that are listed. */
const LISTED = 10;

/** For a terminal. */
export function studyAsText(folder: string, { name, runs, toCome, secondsLeft, groups, stale }: StudyState): string {
  const bold = (text: string): string => style("bold", text, process.stdout);
  const of = (state: StudyRunState["state"]): readonly StudyRunState[] => runs.filter((run) => run.state === state);
  const counts = states.filter((state) => of(state).length > 0).map((state) => `${count(of(state).length)} ${state}`);
  const workers = new Set(of("claimed").map(({ holder }) => holder)).size;
  const isLeft = runs.some(({ state }) => !["done", "set aside"].includes(state));
  const waiting = of("new").length + of("begun").length;
  return [
    `${bold(oneLine(folder))}: study${name === undefined ? "" : ` ${printable(name)}`}, ${count(runs.length)} runs: ${counts.join(", ")}${toCome > 0 ? `; ${count(toCome)} more as trials end` : ""}`,
    ...(isLeft ? [timeText(secondsLeft, workers)] : []),
    ...listed("Under way", of("claimed"), ({ run, holder }) => `${run.title}, by ${holder}`),
    ...listed("Set aside", of("set aside"), ({ run, failure }) => `${run.title}: ${failure?.message ?? "unknown"}`),
    ...(stale.length > 0
      ? [
          "",
          `Runs that the description no longer has (${count(stale.length)}): ${listWithin(stale.map(oneLine), stdoutColumns())}`,
        ]
      : []),
    ...(groups.length > 0 ? [""] : []),
    ...groups.map(({ group, comparison }) =>
      wrapped([...(group === "" ? [] : [`${printable(group)}:`]), printable(comparison.headline)].join(" ")),
    ),
    ...(groups.length > 0 ? ["", "The table:", `  ${calledAs("compare")} ${shellWords([folder])}`] : []),
    ...(waiting > 0 || toCome > 0
      ? ["", "To go on, or to help:", `  ${calledAs("study")} work ${shellWords([folder])}`]
      : []),
  ].join("\n");
}

/** For programs. */
export function studyAsJson(folder: string, { name, runs, toCome, secondsLeft, groups, stale }: StudyState): object {
  return {
    kind: "study",
    folder,
    name,
    counts: Object.fromEntries(states.map((each) => [each, runs.filter(({ state }) => state === each).length])),
    toCome,
    secondsLeft,
    headlines: groups.map(({ group, comparison }) => ({ group, headline: comparison.headline })),
    stale,
    runs: runs.map(({ run, ...state }) => ({ id: run.id, title: run.title, ...state })),
  };
}

function timeText(secondsLeft: number | undefined, workers: number): string {
  if (secondsLeft === undefined) return "Time left: unknown until a run is done";
  const left = `About ${duration(secondsLeft)} of computing left`;
  return workers > 1 ? `${left}, ${duration(secondsLeft / workers)} with the ${workers} workers at it` : left;
}

function listed(
  heading: string,
  runs: readonly StudyRunState[],
  text: (run: StudyRunState) => string,
): readonly string[] {
  if (runs.length === 0) return [];
  const lines = runs.slice(0, LISTED).map((run) => wrapped(`  ${oneLine(text(run))}`, 4));
  const more = runs.length > LISTED ? [`  and ${count(runs.length - LISTED)} more`] : [];
  return ["", `${heading}:`, ...lines, ...more];
}
