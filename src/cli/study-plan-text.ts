/** @file What a study would do, as text. */
import { printable } from "../printable.ts";
import { bytes, duration, milliseconds, millions } from "../report/index.ts";
import type { TunedRow, Tuning } from "../study/index.ts";
import type { RowEstimate, RunState, StudyRun } from "../study/node/index.ts";
import { style } from "./output.ts";

/** A study that is planned. */
export interface Planned {
  readonly folder: string;
  readonly runs: readonly StudyRun[];
  readonly states: readonly RunState[];
  readonly costs: readonly RowEstimate[];
  /** How the settings of its rows are chosen, where they are. */
  readonly tuning?: Tuning | undefined;
  /** Runs of each of those rows that are not planned yet. */
  readonly toCome: readonly number[];
}

/** Each run with its state; and what is left to do costs, where that is known. */
export function plannedText({ folder, runs, states, costs, tuning, toCome }: Planned): string {
  const count = (state: RunState): number => states.filter((each) => each === state).length;
  const counts = (["new", "begun", "done", "set aside"] as const)
    .filter(count)
    .map((state) => `${count(state)} ${state}`);
  const lines = runs.map(
    ({ title }, i) => `  ${style("dim", (states[i] ?? "new").padEnd(9), process.stdout)} ${printable(title)}`,
  );
  const rows = (tuning?.rows ?? []).flatMap((row, i) => ((toCome[i] ?? 0) > 0 ? [row] : []));
  const more = toCome.reduce((sum, each) => sum + each, 0);
  const total = `${folder}: ${runs.length} runs: ${counts.join(", ")}${more > 0 ? `; ${more} more as trials end` : ""}`;
  return [
    ...lines,
    ...rows.map((row) => laterLine(row, tuning?.seeds.length ?? 1)),
    ...costLines(costs),
    "",
    total,
  ].join("\n");
}

/** `later  kd: 3 with 10 epochs, 2 final, settings to be chosen` */
function laterLine(row: TunedRow, seeds: number): string {
  const rungs = row.rungs
    .slice(row.entered.length)
    .map(({ trials, epochs }) => `${trials * seeds} with ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`);
  const parts = [...rungs, `${row.runs.length} final, settings to be chosen`];
  return `  ${style("dim", "later".padEnd(9), process.stdout)} ${printable(named(row))}: ${parts.join(", ")}`;
}

/** What each row costs on this machine, and all that is left. */
function costLines(costs: readonly RowEstimate[]): readonly string[] {
  if (costs.length === 0) return [];
  const lines = costs.map(({ run, left, pace, seconds, basis }) => {
    const [time] = pace?.times ?? [];
    const parts = [
      pace && `${millions(pace.multiplyAdds)} multiply-adds an image`,
      pace && time && `${pace.steps} steps of ${milliseconds(time.milliseconds)} ms`,
      pace && bytes(pace.memory),
      `${left} × ${Number.isNaN(seconds) ? "?" : duration(seconds)}${basis === "student alone" ? " or more, as the student alone" : ""}`,
    ];
    const title = run.role === "trial" ? `${named(run)}, trials of ${epochsOf(run)}` : named(run);
    return `  ${printable(title)}: ${parts.filter(Boolean).join(", ")}`;
  });
  const known = costs.filter(({ seconds }) => !Number.isNaN(seconds));
  const all = known.reduce((sum, { left, seconds }) => sum + left * seconds, 0);
  return [
    "",
    ...lines,
    "",
    `Training takes about ${duration(all)} here, one run after another. Testing, and what teachers compute before, come on top.`,
  ];
}

function epochsOf({ settings }: StudyRun): string {
  const epochs = settings["epochs"];
  return epochs === undefined ? "all epochs" : `${String(epochs)} ${epochs === 1 ? "epoch" : "epochs"}`;
}

function named({ row, group }: Pick<StudyRun, "row" | "group">): string {
  return [row, group].filter(Boolean).join(", ");
}
