/** @file Log-softmax: an invocation a row. */
import type { ReduceShape } from "../../compiler/sizes.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";

/** y = x - max - log Σ e^(x - max) along the middle axis */
export function logSoftmax({ outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel {
  return kernel({
    label: `logSoftmax ${outer}×${summed}×${inner}`,
    reads: { x },
    writes: { y },
    count: outer * inner,
    body: (names) => `  let first = (i / ${inner}u) * ${summed * inner}u + i % ${inner}u;
  let end = first + ${summed * inner}u;
  var largest = ${names.x}[first];
  for (var at = first + ${inner}u; at < end; at += ${inner}u) { largest = maximum_(largest, ${names.x}[at]); }
  var total = 0.0;
  for (var at = first; at < end; at += ${inner}u) { total += exp_(${names.x}[at] - largest); }
  let shift = log_(total);
  for (var at = first; at < end; at += ${inner}u) { ${names.y}[at] = (${names.x}[at] - largest) - shift; }`,
  });
}
