/** @file Steps in stages: what a stage holds may be done in any order, or at once. */
import type { Span, Step } from "./step.ts";

/** Puts each step in the stage before if it neither reads what that stage writes nor touches what it reads. Order is kept. */
export function stages<AStep extends Step>(steps: readonly AStep[]): AStep[][] {
  const result: AStep[][] = [];
  for (const step of steps) {
    const stage = result.at(-1);
    if (stage && stage.every((earlier) => areIndependent(earlier, step))) stage.push(step);
    else result.push([step]);
  }
  return result;
}

function areIndependent(a: Step, b: Step): boolean {
  const touches = (list: readonly Span[], others: readonly Span[]): boolean => list.some((x) => others.includes(x));
  return !touches(a.writes, b.reads) && !touches(a.writes, b.writes) && !touches(a.reads, b.writes);
}
