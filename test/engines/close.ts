/** @file Whether arrays are equal up to rounding. */
import { expect } from "vitest";

export interface Closeness {
  /** Relative. */
  readonly tolerance: number;
  /** Whether each element is held to its own size, or also to the array's: sums are, because large terms cancel. */
  readonly elementwise?: boolean | undefined;
  /** The array's size is not taken for smaller: where nothing but rounding may be left. */
  readonly leastSize?: number;
}

/**
 * Fails unless each element of `got` is within tolerance·(|expected| + size) of the expected one as float32, where
 * size is the median of the nonzero |expected|, or, element-wise, the smallest normal number. Infinities and NaN
 * must be the same.
 */
export function expectClose(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  closeness: Closeness,
): void {
  expect(got.length, `${what}: number of elements`).toBe(expected.length);
  const far = farElements(got, expected, closeness).map((i) => `[${i}] should be ${expected[i]}, got ${got[i]}`);
  expect(far.slice(0, 5), `${what}: ${far.length} of ${expected.length} elements differ`).toEqual([]);
}

/** Where arrays of one length differ by more than `expectClose` allows. */
export function farElements(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  { tolerance, elementwise = false, leastSize = 0 }: Closeness,
): number[] {
  const floor = elementwise ? smallestNormal : tolerance * Math.max(medianSize(expected), leastSize);
  const far: number[] = [];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [got[i]!, Math.fround(expected[i]!)];
    const near = Number.isFinite(b) ? Math.abs(a - b) <= tolerance * Math.abs(b) + floor : Object.is(a, b);
    if (!near) far.push(i);
  }
  return far;
}

/** Below it, numbers of float32 lose digits, and an engine may round them to 0. */
const smallestNormal = 2 ** -126;

function medianSize(values: ArrayLike<number>): number {
  const sizes = Array.from(values, Math.abs).filter((size) => size > 0 && Number.isFinite(size));
  return sizes.sort((a, b) => a - b)[sizes.length >> 1] ?? 0;
}
