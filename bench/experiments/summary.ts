/** @file Several seeds of one experiment: what each run comes to. */
import type { PairRecord, Results } from "../../src/experiment/index.ts";
import { percent, points } from "../../src/report/format.ts";
import { mean, median, standardDeviation } from "../../src/statistics.ts";
import { table } from "../../src/cli/output.ts";

/** The student that the others are compared with. */
const alone = "student-ce";

/** A run over all seeds; percent of the test images, deviations of a sample. */
export interface RunSummary {
  readonly name: string;
  readonly accuracies: readonly number[];
  readonly mean: number;
  readonly deviation: number | undefined;
  /** With test-time augmentation, where it was asked for. */
  readonly augmented?: {
    readonly accuracies: readonly number[];
    readonly mean: number;
    readonly deviation: number | undefined;
  };
  /** Of training, without the pass that keeps the teacher's outputs; the median. */
  readonly seconds: number;
  /** Which places of teacher and student the method compares. */
  readonly pairs?: readonly PairRecord[];
  /** Points above the student alone of the same seed; not for that one, nor for a teacher. */
  readonly gain?: { readonly mean: number; readonly deviation: number | undefined };
}

/** Every run that was trained, in the experiment's order. The results are those of one experiment with different seeds. */
export function summarise(results: readonly Results[]): RunSummary[] {
  const trained = (results[0]?.runs ?? []).filter(({ epochLosses }) => epochLosses.length > 0);
  const base = figuresOf(results, alone, "testAccuracy");
  return trained.map(({ name, pairs }) => {
    const accuracies = figuresOf(results, name, "testAccuracy");
    const gains = accuracies.map((accuracy, i) => accuracy - base[i]!);
    const augmented = results.flatMap(({ runs }) => runs.find((run) => run.name === name)?.augmented?.accuracy ?? []);
    return {
      name,
      accuracies,
      mean: mean(accuracies),
      deviation: standardDeviation(accuracies),
      ...(augmented.length > 0 && {
        augmented: { accuracies: augmented, mean: mean(augmented), deviation: standardDeviation(augmented) },
      }),
      seconds: median(figuresOf(results, name, "seconds")),
      ...(pairs && { pairs }),
      ...(name.startsWith("student-") &&
        name !== alone && { gain: { mean: mean(gains), deviation: standardDeviation(gains) } }),
    };
  });
}

/** As Markdown: `71.50% ± 0.31`. */
export function summaryTable(summaries: readonly RunSummary[]): string {
  const withTta = summaries.some(({ augmented }) => augmented);
  const lines = summaries.map(({ name, accuracies, mean, deviation, augmented, seconds, gain }) => [
    name,
    percent(mean) + plusMinus(deviation),
    ...(withTta ? [augmented ? percent(augmented.mean) + plusMinus(augmented.deviation) : ""] : []),
    gain ? points(gain.mean) + plusMinus(gain.deviation) : "",
    accuracies.map((accuracy) => accuracy.toFixed(2)).join(", "),
    seconds.toFixed(1),
  ]);
  return table(
    ["Run", "Test accuracy", ...(withTta ? ["With TTA"] : []), "Gain, same seed", "Each seed", "Seconds"],
    lines,
  );
}

function figuresOf(results: readonly Results[], run: string, figure: "testAccuracy" | "seconds"): number[] {
  return results.flatMap(({ runs }) => runs.filter(({ name }) => name === run).map((found) => found[figure]));
}

function plusMinus(deviation: number | undefined): string {
  return deviation === undefined ? "" : ` ± ${deviation.toFixed(2)}`;
}
