/** @file Where an element lies: its place in memory from its number among nested loops. */
import { elementAt } from "../../../elements.ts";
import type { Loop } from "../../compiler/layout.ts";

/** Σ (the index in each loop of element number `index`) · step, for one of the loops' pointers, as WGSL. */
export function place(index: string, loops: readonly Loop[], pointer: number): string {
  let below = 1;
  const terms: string[] = [];
  for (const [i, { size, steps }] of loops.toReversed().entries()) {
    const step = elementAt(steps, pointer);
    if (step !== 0) {
      const quotient = below === 1 ? index : `(${index} / ${below}u)`;
      const own = i === loops.length - 1 ? quotient : `(${quotient} % ${size}u)`;
      terms.push(step === 1 ? own : `${own} * ${step}u`);
    }
    below *= size;
  }
  return terms.length > 0 ? terms.join(" + ") : "0u";
}
