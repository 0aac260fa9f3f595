/** @file Aggregates that hold for few runs: those of Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice, NeurIPS 2021. */
import { mean } from "../../statistics.ts";
import { checkFinite } from "./finite.ts";

/**
 * The mean of the middle half: ⌊n / 4⌋ values are dropped from each end. One failed run moves it less than the mean, and it takes fewer runs
 * than the median. Fewer than four values are all kept. In the unit of the values. Throws ARGUMENT for none, or one that is not finite.
 */
export function interquartileMean(values: readonly number[]): number {
  checkFinite("interquartileMean", "values", values);
  const dropped = Math.floor(values.length / 4);
  return mean(values.toSorted((a, b) => a - b).slice(dropped, values.length - dropped));
}

/**
 * P(X > Y) = Σᵢ Σⱼ S(xᵢ, yⱼ) / (n m), with S = 1 for xᵢ > yⱼ, ½ for equal ones, else 0: how often a run of the method beats a run of the
 * baseline, 0.5 where they do not differ. Seeds are not paired, and lists may differ in length. With several data sets, take
 * the mean over them. Throws ARGUMENT for no values, or one that is not finite.
 */
export function probabilityOfImprovement(values: readonly number[], baseline: readonly number[]): number {
  checkFinite("probabilityOfImprovement", "values", values);
  checkFinite("probabilityOfImprovement", "baseline", baseline);
  return mean(values.map((x) => mean(baseline.map((y) => (x > y ? 1 : x === y ? 0.5 : 0)))));
}

/**
 * The run-score distribution: for each threshold τ the share of all runs with a score above τ, from 0 to 1. A curve that lies above another
 * everywhere is of the better method. Thresholds are in the unit of the scores. Throws ARGUMENT for no scores, or a number that is not finite.
 */
export function performanceProfile(scores: readonly number[], thresholds: readonly number[]): readonly number[] {
  checkFinite("performanceProfile", "scores", scores);
  checkFinite("performanceProfile", "thresholds", thresholds);
  return thresholds.map((threshold) => scores.filter((score) => score > threshold).length / scores.length);
}
