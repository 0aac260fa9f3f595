/** @file What every function of this folder refuses. */
import { shown } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";

/** Throws ARGUMENT for no values, and for one that is not a finite number: `pairedGain: values[2] should be a finite number, got NaN`. */
export function checkFinite(call: string, name: string, values: readonly number[]): void {
  if (values.length === 0)
    throw new LimbeckError("ARGUMENT", `${call}: ${name} should hold at least one number, is empty`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong === -1) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${call}: ${name}[${wrong}] should be a finite number, got ${shown(values[wrong])}; leave out runs without a result`,
  );
}

/** Throws ARGUMENT unless 0 < value < 1. */
export function checkShare(call: string, name: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new LimbeckError("ARGUMENT", `${call}: ${name} should lie between 0 and 1, got ${shown(value)}`);
}

/** Throws ARGUMENT unless both lists have one number for each seed. */
export function checkPaired(call: string, values: readonly unknown[], baseline: readonly unknown[]): void {
  if (values.length === baseline.length) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${call}: values and baseline should be of the same seeds, one by one, got ${values.length} and ${baseline.length}`,
  );
}
