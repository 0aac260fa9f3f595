/**
 * @file Student's t, the noncentral t and the normal distribution, from jStat: within 1e-7 of SciPy's values where this folder uses them.
 */
import jStat from "jstat";

/** P(T > |t|) + P(T < -|t|) for Student's t with `degrees` of freedom: the two-sided p value of a t statistic. */
export function twoSidedStudent(t: number, degrees: number): number {
  return Math.min(1, 2 * jStat.studentt.cdf(-Math.abs(t), degrees));
}

/** The t with P(T ≤ t) = `probability`, for Student's t with `degrees` of freedom. */
export function studentQuantile(probability: number, degrees: number): number {
  return jStat.studentt.inv(probability, degrees);
}

/** Beyond it jStat's series stops too early. */
const LARGEST_SHIFT = 18;

/** Gauss and Hermite's three points of the standard normal distribution, with their weights. */
const normalPoints = [
  [-Math.sqrt(3), 1 / 6],
  [0, 2 / 3],
  [Math.sqrt(3), 1 / 6],
] as const;

/**
 * P(T ≤ t) for the noncentral t, T = (Z + shift) / √(χ² / degrees): the distribution of a t statistic where the true mean is `shift` ≥ 0
 * standard errors from 0. Beyond a shift of 18, Z is small beside it and taken as its three points: within 1e-3.
 */
export function noncentralStudent(t: number, degrees: number, shift: number): number {
  if (shift > LARGEST_SHIFT) {
    if (t <= 0) return 0;
    const above = (z: number): number => jStat.chisquare.cdf(degrees * ((shift + z) / t) ** 2, degrees);
    return 1 - normalPoints.reduce((sum, [z, weight]) => sum + weight * above(z), 0);
  }
  return jStat.noncentralt.cdf(t, degrees, shift);
}

/** The z with P(Z ≤ z) = `probability`, for the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}
