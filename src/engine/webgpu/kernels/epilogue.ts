/** @file What a kernel does with an element before it stores it: adds a bias or another tensor, applies a ReLU or the gradient of one. */
import type { StoreSpec } from "../../compiler/lowering.ts";
import type { Buffer } from "./kernel.ts";

export type Epilogue = StoreSpec<Buffer>;

/** What an epilogue reads. */
export function readsOf({
  bias,
  added,
  positive,
}: Epilogue): Readonly<Record<"bias" | "added" | "positive", Buffer | undefined>> {
  return { bias, added, positive };
}

/** The stored value of `value`, element `at` of the result, in column `column`. */
export function finished(
  names: { readonly bias: string; readonly added: string; readonly positive: string },
  { bias, added, relu, positive }: Epilogue,
  { value, at, column }: { readonly value: string; readonly at: string; readonly column: string },
): string {
  const biased = bias ? `(${value} + ${names.bias}[${column}])` : value;
  const sum = added ? `(${biased} + ${names.added}[${at}])` : biased;
  if (relu) return `rectified_(${sum}, ${sum})`;
  return positive ? `rectified_(${sum}, ${names.positive}[${at}])` : sum;
}
