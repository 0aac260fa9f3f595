/** @file A tutorial beside another one, step by step. */
import * as z from "zod/mini";
import { points } from "../../src/report/format.ts";
import { table } from "../../src/cli/output.ts";

/** The first so many steps are compared. */
export const firsts = [3, 5, 10, 20, 50, 100] as const;

/** Losses of the first steps, and where it ended. */
export interface Trajectory {
  readonly name: string;
  readonly steps: readonly number[];
  readonly testAccuracy: number;
}

/** PyTorch's trajectories: the form of `test/golden/trajectories/tutorial.json`. */
export const trajectories: z.ZodMiniType<{ readonly note: string; readonly runs: readonly Trajectory[] }> = z.object({
  note: z.string(),
  runs: z.array(z.object({ name: z.string(), testAccuracy: z.number(), steps: z.array(z.number()) })),
});

export interface Difference {
  readonly name: string;
  /** The largest |loss / other loss - 1| of the first 3, 5, 10 ... steps; `null` where either has fewer. */
  readonly losses: readonly (number | null)[];
  readonly testAccuracy: number;
  readonly otherAccuracy: number;
}

/** The runs that both have, in the order of the first. */
export function differences(runs: readonly Trajectory[], others: readonly Trajectory[]): Difference[] {
  return runs.flatMap(({ name, steps, testAccuracy }) => {
    const other = others.find((other) => other.name === name);
    if (!other) return [];
    const relative = steps.slice(0, other.steps.length).map((loss, i) => Math.abs(loss / other.steps[i]! - 1));
    const losses = firsts.map((n) => (relative.length < n ? null : Math.max(...relative.slice(0, n))));
    return [{ name, losses, testAccuracy, otherAccuracy: other.testAccuracy }];
  });
}

/** As Markdown; `otherName` heads the other side's accuracies. */
export function differencesTable(found: readonly Difference[], otherName: string): string {
  const lines = found.map(({ name, losses, testAccuracy, otherAccuracy }) => [
    name,
    ...losses.map((loss) => loss?.toExponential(1) ?? ""),
    testAccuracy.toFixed(2),
    otherAccuracy.toFixed(2),
    points(testAccuracy - otherAccuracy),
  ]);
  return table(["First steps", ...firsts.map(String), "Accuracy", otherName, "Difference"], lines);
}
