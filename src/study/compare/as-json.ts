/** @file A comparison for programs. */
import type { StudyComparison } from "./comparison.ts";

/** The structure as it is, gains of rows over each other included; `null` for what is `undefined`, so that every key is always there. */
export function comparisonAsJson(comparison: StudyComparison): string {
  return JSON.stringify(comparison, (_, value: unknown) => (value === undefined ? null : value), 2);
}
