/** @file How many seeds would show a difference of the size that was seen. */
import { shown } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { noncentralStudent, normalQuantile, studentQuantile } from "./distributions.ts";
import { checkFinite, checkShare } from "./finite.ts";

/** How sure a study should be. */
export interface Certainty {
  /** The chance to show a difference that is there; default 0.8. */
  readonly power?: number;
  /** The chance to claim one that is not there, two-sided; default 0.05. */
  readonly level?: number;
}

/** From this number on the normal approximation gives the same whole number, or one beside it. */
const LARGE = 1000;

/**
 * The power of a two-sided paired t test with n seeds, where differences have the mean `effect` deviations: P(|T| > t) for the noncentral t with
 * n - 1 degrees of freedom and the shift effect √n; t is the 1 - level / 2 quantile of Student's t. Cohen, Statistical Power
 * Analysis for the Behavioral Sciences, 1988. Throws ARGUMENT for an effect that is not finite, fewer than two seeds, and unless 0 < level < 1.
 */
export function pairedPower(effect: number, n: number, level = 0.05): number {
  checkFinite("pairedPower", "[effect]", [effect]);
  checkShare("pairedPower", "level", level);
  if (!Number.isSafeInteger(n) || n < 2)
    throw new LimbeckError("ARGUMENT", `pairedPower: n should be a whole number from 2, got ${shown(n)}`);
  const critical = studentQuantile(1 - level / 2, n - 1);
  const shift = Math.abs(effect) * Math.sqrt(n);
  return 1 - noncentralStudent(critical, n - 1, shift) + noncentralStudent(-critical, n - 1, shift);
}

/**
 * The smallest number of seeds, 2 or more, with which a two-sided paired t test shows a true difference of `mean` with the power wanted, where
 * differences have the deviation `deviation` (same unit). By the exact noncentral t; from 1000 on by the normal approximation
 * n = ((z₁₋ₗₑᵥₑₗ⸝₂ + z_power) deviation / mean)² + z₁₋ₗₑᵥₑₗ⸝₂² / 2 (Guenther, Sample Size Formulas for Normal Theory T Tests, 1981).
 *
 * `undefined` for a mean or a deviation of 0: no number shows that nothing is there, and no noise was seen. NOTE: a difference estimated from a
 * few seeds is itself uncertain, and so is this number.
 *
 * Throws ARGUMENT for a mean or deviation that is not finite, and unless power and level lie between 0 and 1.
 */
export function seedsNeeded(
  mean: number,
  deviation: number,
  { power = 0.8, level = 0.05 }: Certainty = {},
): number | undefined {
  checkFinite("seedsNeeded", "[mean, deviation]", [mean, deviation]);
  checkShare("seedsNeeded", "power", power);
  checkShare("seedsNeeded", "level", level);
  if (mean === 0 || deviation === 0) return undefined;
  const effect = Math.abs(mean / deviation);
  const enough = (n: number): boolean => pairedPower(effect, n, level) >= power;
  if (!enough(LARGE)) {
    const z = normalQuantile(1 - level / 2);
    return Math.ceil(((z + normalQuantile(power)) / effect) ** 2 + z ** 2 / 2);
  }
  let [few, many] = [1, LARGE];
  while (many - few > 1) {
    const middle = (few + many) >> 1;
    if (enough(middle)) many = middle;
    else few = middle;
  }
  return many;
}
