/** @file What a kernel does with an element before it stores it: adds a bias, applies a ReLU or the gradient of one. */
import type { Buffer } from "./kernel.ts";

export interface Epilogue {
  /** One number for each column. */
  readonly bias?: Buffer;
  readonly relu?: boolean;
  /** The result of the ReLU whose gradient is taken; it lies as the result does. */
  readonly positive?: Buffer;
}

/** What an epilogue reads. */
export function readsOf({ bias, positive }: Epilogue): {
  readonly bias: Buffer | undefined;
  readonly positive: Buffer | undefined;
} {
  return { bias, positive };
}

/** The stored value of `value`, element `at` of the result, in column `column`. */
export function finished(
  names: { readonly bias: string; readonly positive: string },
  { bias, relu, positive }: Epilogue,
  { value, at, column }: { readonly value: string; readonly at: string; readonly column: string },
): string {
  const sum = bias ? `(${value} + ${names.bias}[${column}])` : value;
  if (relu) return `rectified_(${sum}, ${sum})`;
  return positive ? `rectified_(${sum}, ${names.positive}[${at}])` : sum;
}
