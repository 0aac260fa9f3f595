/** @file Sums and largest elements along one axis, in parts of a fixed size, so that the order of every sum is the same everywhere. */
import type { Reducer } from "../../compiler/reduction.ts";
import type { ReduceShape } from "../../compiler/sizes.ts";
import { Buffer, kernel, type Kernel } from "./kernel.ts";

/** Terms that one invocation takes together. */
const termsOfPart = 64;

/** Parts first, then parts of these, until one is left. */
export function reduce(reducer: Reducer, { outer, summed, inner }: ReduceShape, x: Buffer, y: Buffer): Kernel[] {
  const parts = Math.ceil(summed / termsOfPart);
  const to = parts === 1 ? y : new Buffer(`parts of ${reducer}`, outer * parts * inner);
  const one = kernel({
    label: `${reducer} ${outer}×${summed}×${inner}`,
    reads: { x },
    writes: { y: to },
    count: outer * parts * inner,
    body: (names) => `  let part = (i / ${inner}u) % ${parts}u;
  let at = (i / ${inner * parts}u) * ${summed * inner}u + i % ${inner}u;
  var total = ${names.x}[at + part * ${termsOfPart * inner}u];
  for (var t = part * ${termsOfPart}u + 1u; t < min((part + 1u) * ${termsOfPart}u, ${summed}u); t++) {
    let term = ${names.x}[at + t * ${inner}u];
    total = ${reducer === "sum" ? "total + term" : "maximum_(total, term)"};
  }
  ${names.y}[i] = total;`,
  });
  return parts === 1 ? [one] : [one, ...reduce(reducer, { outer, summed: parts, inner }, to, y)];
}

/** Adds up the parts of sums, which lie one behind the other; nothing where there is one. */
export function addParts(parts: number, size: number, from: Buffer, to: Buffer): Kernel[] {
  return parts === 1 ? [] : reduce("sum", { outer: 1, summed: parts, inner: size }, from, to);
}
