/** @file What GPUs compute at most in float32 without tensor cores, as their makers say. */

/** TFLOP/s, by what the adapter's name or description contains; the first that fits. */
const peaks: readonly (readonly [RegExp, number])[] = [
  [/H100 PCIe/i, 51.2],
  [/H100|H200/i, 66.9],
  [/A100/i, 19.5],
  [/V100/i, 15.7],
  [/L40S/i, 91.6],
  [/\bL4\b/i, 30.3],
  [/\bT4\b/i, 8.1],
  [/RTX 4090/i, 82.6],
  [/RTX 4080/i, 48.7],
  [/RTX 3090/i, 35.6],
  [/RTX 3080/i, 29.8],
];

/** `undefined` for a GPU that is not known. */
export function peakOf(name: string): number | undefined {
  return peaks.find(([pattern]) => pattern.test(name))?.[1];
}
