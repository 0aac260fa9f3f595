/** @file Which rows no other row beats: for each cost the highest accuracy that it buys. */

/** A row of a comparison, on a plot of accuracy against a cost. */
export interface CostPoint {
  readonly title: string;
  readonly cost: number;
  /** Percent. */
  readonly accuracy: number;
  readonly deviation: number | undefined;
  readonly isTeacher: boolean;
}

/** The students that none with the same or a lower cost is as accurate as (the Pareto front), by rising cost. */
export function paretoFront(points: readonly CostPoint[]): readonly CostPoint[] {
  let best = -Infinity;
  return points
    .filter(({ isTeacher }) => !isTeacher)
    .toSorted((a, b) => a.cost - b.cost || b.accuracy - a.accuracy)
    .filter(({ accuracy }) => {
      if (accuracy <= best) return false;
      best = accuracy;
      return true;
    });
}
