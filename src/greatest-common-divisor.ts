/** @file Whole numbers that divide others. */

/** The largest that divides both, of which one may be 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
