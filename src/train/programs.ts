/** @file One program for full batches and one for the short last batch, compiled once. */
import type { BatchRange } from "../data/loader.ts";
import type { Engine, Program } from "../engine/contract.ts";
import type { Graph } from "../tensor/index.ts";

/** Programs by batch size. */
export interface BatchPrograms {
  /** The program for a batch of n, one of the sizes of the ranges. */
  for(n: number): Program;
  close(): void;
}

/** Compiles `graphFor(n)` for each size of these batches. */
export async function compileForBatches(
  engine: Engine,
  ranges: readonly BatchRange[],
  graphFor: (n: number) => Graph,
): Promise<BatchPrograms> {
  const programs = new Map<number, Program>();
  const close = (): void => programs.forEach((program) => program.close());
  try {
    for (const n of batchSizes(ranges)) programs.set(n, await engine.compile(graphFor(n)));
  } catch (error) {
    close();
    throw error;
  }
  return { for: (n) => programs.get(n)!, close };
}

/** The different sizes of the batches: the full one, and that of a shorter last one. */
export function batchSizes(ranges: readonly BatchRange[]): ReadonlySet<number> {
  return new Set(ranges.map(({ from, to }) => to - from));
}
