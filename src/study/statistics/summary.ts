/** @file A few measurements as their mean, their deviation and how well they tell the mean. */
import { mean, standardDeviation } from "../../statistics.ts";
import { studentQuantile } from "./distributions.ts";
import { checkFinite, checkShare } from "./finite.ts";

/** From and to, in the unit of the measurements. */
export type Bounds = readonly [low: number, high: number];

/** Measurements of one quantity, such as a method's test accuracies over seeds. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** The sample standard deviation, with n - 1 below; `undefined` for one measurement, which shows no spread. */
  readonly deviation: number | undefined;
  /** Student's t interval of the mean; `undefined` where there is no deviation, or it is 0. */
  readonly interval: Bounds | undefined;
}

/**
 * The mean x̄ = Σ xᵢ / n, the deviation s = √(Σ (xᵢ - x̄)² / (n - 1)), and the interval x̄ ± t s / √n, in which t is the
 * (1 + confidence) / 2 quantile of Student's t with n - 1 degrees of freedom. All in the unit of the values.
 *
 * The interval assumes that the values are independent and about normal. NOTE: equal values have the deviation 0 and no interval: it would
 * have no width, though rounding to whole test images made them equal.
 *
 * Throws ARGUMENT for no values, for one that is not finite, and unless 0 < confidence < 1. "Student", The Probable Error of a Mean, Biometrika 1908.
 */
export function summarise(values: readonly number[], confidence = 0.95): Summary {
  checkFinite("summarise", "values", values);
  checkShare("summarise", "confidence", confidence);
  return { n: values.length, ...spread(values, confidence) };
}

function spread(values: readonly number[], confidence: number): Omit<Summary, "n"> {
  const centre = mean(values);
  const deviation = standardDeviation(values);
  if (deviation === undefined) return { mean: centre, deviation, interval: undefined };
  // Differences of percentages that are equal differ in their last bits: 70.3 - 70.1 and 71.3 - 71.1.
  const least = 1e-9 * Math.max(...values.map(Math.abs));
  if (deviation <= least) return { mean: centre, deviation: 0, interval: undefined };
  const reach = studentQuantile((1 + confidence) / 2, values.length - 1) * (deviation / Math.sqrt(values.length));
  return { mean: centre, deviation, interval: [centre - reach, centre + reach] };
}
