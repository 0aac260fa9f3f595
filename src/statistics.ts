/** @file What repeated measurements come to. */
import { LimbeckError } from "./errors.ts";

/** The middle of sorted values; between the two middle ones if their number is even. Throws ARGUMENT for none. */
export function median(values: readonly number[]): number {
  checkAny("median", values);
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Σ xᵢ / n. Throws ARGUMENT for no values. */
export function mean(values: readonly number[]): number {
  checkAny("mean", values);
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** The sample standard deviation, √(Σ (xᵢ - mean)² / (n - 1)); `undefined` of a single value. Throws ARGUMENT for none. */
export function standardDeviation(values: readonly number[]): number | undefined {
  const centre = mean(values);
  if (values.length === 1) return undefined;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1));
}

function checkAny(what: string, values: readonly number[]): void {
  if (values.length === 0) throw new LimbeckError("ARGUMENT", `${what}: expected at least one value, got none`);
}
