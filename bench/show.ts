/** @file A benchmark as tables. */
import { table } from "../src/cli/output.ts";
import { duration, milliseconds } from "../src/report/format.ts";
import { median } from "../src/benchmark/index.ts";
import { reachedGoals, type Reached } from "./goals.ts";
import type { BenchRecord } from "./record.ts";

/** Every contender's times, what they come to beside the goals, and where, when and how they were measured. */
export function show(record: BenchRecord): string {
  const { rows, environment, pytorch, configuration, commit, took } = record;
  const { threads, repeats, batchSize } = configuration;
  const lines = rows.flatMap(({ title, contenders }) =>
    contenders.map(({ name, samples }) => [
      title,
      name,
      ...[median(samples), Math.min(...samples), Math.max(...samples)].map(milliseconds),
    ]),
  );
  const goals = reachedGoals(record);
  const seconds = Object.values(took).reduce((sum, each) => sum + each, 0);
  const versions = [environment.runtime, ...(pytorch === undefined ? [] : [`PyTorch ${pytorch}`])].join(", ");
  return [
    ...(lines.length > 0 ? [table(["Step", "By", "Median ms", "Min", "Max"], lines), ""] : []),
    ...(goals.length > 0 ? [showGoals(goals), ""] : []),
    `n = ${repeats} a row, taken in turn, batches of ${batchSize} where no other is named, ${threads} ${threads === 1 ? "thread" : "threads"} each. ${environment.machine}. ${versions}. Commit ${commit}, ${environment.date}, in ${duration(seconds)}.`,
  ].join("\n");
}

/** What was aimed at, beside what was reached. */
export function showGoals(goals: readonly Reached[]): string {
  const lines = goals.map(({ title, of, to, reached, atMost }) => {
    const [got, limit] = [reached.toFixed(3), atMost.toFixed(2)];
    return [title, of, to, got, limit, reached <= atMost ? "yes" : "no"];
  });
  return table(["Goal", "Of", "To", "Ratio", "At most", "Reached"], lines);
}
