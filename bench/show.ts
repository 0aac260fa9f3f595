/** @file A benchmark as a table. */
import type { BenchRecord } from "./record.ts";
import { median } from "./statistics.ts";
import { table } from "./table.ts";

/** The rows, the epochs worked out from them, and where, when and how they were measured. */
export function show({ rows, epochs, environment, pytorch, configuration, commit }: BenchRecord): string {
  const { threads, repeats, batchSize } = configuration;
  const lines = rows.flatMap(({ title, contenders }) =>
    contenders.map(({ name, samples }) => {
      const figures = [median(samples), Math.min(...samples), Math.max(...samples)].map(milliseconds);
      return [title, name, ...figures, ratio(median(samples), median(contenders[0]!.samples))];
    }),
  );
  const seconds = epochs.map((epoch) => [
    epoch.name,
    epoch.seconds.toFixed(1),
    ratio(epoch.seconds, epochs[0]!.seconds),
  ]);
  const versions = [environment.runtime, ...(pytorch === undefined ? [] : [`PyTorch ${pytorch}`])].join(", ");
  return [
    table([`Batch of ${batchSize}`, "By", "Median ms", "Min", "Max", "Times Limbeck's"], lines),
    ...(seconds.length > 0
      ? [
          "\nLightNN distillation epoch (391 steps, and a tenth of the pass that computes outputs that are kept):\n",
          table(["By", "Seconds", "Times Limbeck's"], seconds),
        ]
      : []),
    `\nn = ${repeats} a row, taken in turn, ${threads} ${threads === 1 ? "thread" : "threads"} each. ${environment.machine}. ${versions}. Commit ${commit}, ${environment.date}.`,
  ].join("\n");
}

function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function ratio(value: number, base: number): string {
  return (value / base).toFixed(2);
}
