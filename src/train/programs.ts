/** @file One program for full batches and one for the short last batch, compiled once. */
import type { Engine, Program } from "../engine/engine.ts";
import { batches } from "../data/loader.ts";
import type { Graph } from "../tensor/index.ts";

/** Programs by batch size. */
export interface BatchPrograms {
  /** The program for a batch of n, one of the sizes that `count` images in batches give. */
  for(n: number): Program;
  close(): void;
}

/** Compiles `graphFor(n)` for each batch size that `count` images in batches of `batchSize` give. */
export async function compileForBatches(
  engine: Engine,
  { count, batchSize }: { readonly count: number; readonly batchSize: number },
  graphFor: (n: number) => Graph,
): Promise<BatchPrograms> {
  const programs = new Map<number, Program>();
  const close = (): void => programs.forEach((program) => program.close());
  try {
    for (const n of batchSizes(count, batchSize)) programs.set(n, await engine.compile(graphFor(n)));
  } catch (error) {
    close();
    throw error;
  }
  return { for: (n) => programs.get(n)!, close };
}

/** The different sizes of the batches of `count` images: the full one, and that of a shorter last one. Throws ARGUMENT. */
export function batchSizes(count: number, batchSize: number): number[] {
  return [...new Set(batches(count, batchSize).map(({ from, to }) => to - from))];
}
