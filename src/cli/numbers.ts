/** @file Numbers of the command line, checked before any work begins. */
import { InvalidArgumentError } from "commander";

/** A parser of whole numbers, `least` and above. It throws commander's error for a bad option value. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It should be a whole number ${range}.`);
  };
}

/** A parser of a probability that leaves something: 0 <= p < 1. */
export function probability(text: string): number {
  const value = decimal(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("It should be a number from 0 to below 1.");
}

/** A parser of numbers above 0. */
export function positive(text: string): number {
  const value = decimal(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It should be a number above 0.");
}

/** A parser of numbers from 0. */
export function fromZero(text: string): number {
  const value = decimal(text);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It should be a number from 0.");
}

/** NaN unless the text is a plain decimal number. */
function decimal(text: string): number {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
