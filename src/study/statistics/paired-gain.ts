/** @file A method against a baseline on the same seeds: what the seed does to both cancels in their difference. */
import { twoSidedStudent } from "./distributions.ts";
import { checkFinite, checkPaired } from "./finite.ts";
import { summarise, type Summary } from "./summary.ts";

/** The differences of pairs, value less baseline. */
export interface PairedGain extends Summary {
  /** The two-sided p value of the paired t test; `undefined` where one pair, or equal differences, show no noise to compare with. */
  readonly p: number | undefined;
}

/**
 * The differences dᵢ = valuesᵢ - baselineᵢ: their mean d̄, their deviation s, the t interval of the mean, and the p value
 * P(|T| ≥ |d̄| √n / s) for Student's t with n - 1 degrees of freedom. Position i of both lists belongs to the same seed. In the unit of the
 * values, percentage points for accuracies.
 *
 * NOTE: an interval without 0 and p < 1 - confidence are the same statement. The test says nothing about test images; see `bootstrapGain`.
 *
 * Throws ARGUMENT for lists of different lengths, and as `summarise`. "Student", Biometrika 1908; for networks over seeds, Bouthillier et al.,
 * Accounting for Variance in Machine Learning Benchmarks, MLSys 2021.
 */
export function pairedGain(values: readonly number[], baseline: readonly number[], confidence = 0.95): PairedGain {
  checkFinite("pairedGain", "values", values);
  checkFinite("pairedGain", "baseline", baseline);
  checkPaired("pairedGain", values, baseline);
  const summary = summarise(differences(values, baseline), confidence);
  const { n, mean, deviation } = summary;
  const p = deviation ? twoSidedStudent((mean / deviation) * Math.sqrt(n), n - 1) : undefined;
  return { ...summary, p };
}

/** Rounded where the subtraction has only noise left: 70.3 - 70.3000000000001 is 0. */
function differences(values: readonly number[], baseline: readonly number[]): readonly number[] {
  return values.map((value, i) => {
    const before = baseline[i] ?? NaN;
    const difference = value - before;
    return Math.abs(difference) <= 1e-12 * Math.max(Math.abs(value), Math.abs(before)) ? 0 : difference;
  });
}
