/** @file How many threads the wasm engine takes for long work: all cores, or half as many where others need them. */
import type { Engine } from "./contract.ts";
import { fastest, timesInWords } from "./fastest.ts";
import type { Graph } from "../tensor/graph.ts";
import { wasmEngine } from "./wasm/index.ts";

/** What is timed, and who hears of it. */
export interface ThreadsOptions {
  readonly step?: Graph | undefined;
  /** Hears the times in words: `1 thread: a step takes 374 ms, on 2 threads 835 ms`. */
  readonly onThreads?: ((text: string) => void) | undefined;
}

/**
 * The wasm engine with as many threads as there are processors, or half of them where a step takes less time so: on a machine that is busy
 * threads wait for each other. Results are the same to the bit. Throws as `wasmEngine`.
 */
export async function measuredWasm({ step, onThreads }: ThreadsOptions): Promise<Engine> {
  const all = await wasmEngine();
  if (all.threads === 1) return all;
  const half = Math.ceil(all.threads / 2);
  const candidates = [
    { name: named(all.threads), start: async (): Promise<Engine> => all },
    { name: named(half), start: () => wasmEngine({ threads: half }) },
  ];
  const { engine, measured } = await fastest(candidates, step);
  onThreads?.(`${measured[0]?.name}: ${timesInWords(measured)}`);
  return engine;
}

function named(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}
