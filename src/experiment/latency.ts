/** @file How long a finished network takes to classify images on one thread: what a student costs where it is used. */
import { median } from "../statistics.ts";
import type { Engine } from "../engine/contract.ts";
import type { Model } from "../models/index.ts";
import { namedStates } from "../nn/index.ts";
import { input, sizeOf } from "../tensor/index.ts";
import { stopIfAborted } from "../train/events.ts";
import { observe } from "../train/observe.ts";
import { readStates, writeStates } from "../train/states.ts";

/** One forward pass over a batch, timed. */
export interface Latency {
  /** Images at once. */
  readonly batch: number;
  /** The median of the passes. */
  readonly milliseconds: number;
  readonly passes: number;
  /** Where it was timed: a run that is resumed elsewhere keeps what it has. */
  readonly machine: string;
}

/** What networks are timed on. */
export interface OneThread {
  /** Starts an engine of one thread. */
  start(): Promise<Engine>;
  /** For people: what computes there. */
  readonly machine: string;
}

export interface MeasureLatencyOptions {
  /** Holds the network's values. */
  readonly engine: Engine;
  readonly model: Model;
  readonly oneThread: OneThread;
  /** About how long it may take in all. */
  readonly seconds: number;
  /** Checked before each pass; an abort throws ABORTED. */
  readonly signal?: AbortSignal;
}

/** One picture as it comes, and a batch that is large enough to keep a processor busy. */
const BATCHES = [1, 32];
/** A median of fewer says little. */
const FEWEST = 3;
const MOST = 51;

/**
 * Medians over 3 to 51 passes of batches of 1 and of 32, after one that is not counted. The larger batch is left out where there is no time
 * left for three passes. Throws ABORTED.
 */
export async function measureLatency({
  engine,
  model,
  oneThread: { start, machine },
  seconds,
  signal,
}: MeasureLatencyOptions): Promise<readonly Latency[]> {
  const end = performance.now() + 1000 * seconds;
  const measured: Latency[] = [];
  const own = await start();
  try {
    const states = namedStates(model.module);
    await writeStates(own, states, await readStates(engine, states));
    for (const [i, batch] of BATCHES.entries()) {
      const before = measured.at(-1);
      const expected = before && (before.milliseconds * batch) / before.batch;
      if (expected !== undefined && performance.now() + (1 + FEWEST) * expected > end) break;
      // The later batches need time too.
      const until = Math.min(end, performance.now() + (1000 * seconds) / (BATCHES.length - i + 1));
      measured.push({ batch, ...(await timed(own, model, batch, until, signal)), machine });
    }
  } finally {
    await own.close();
  }
  return measured;
}

async function timed(
  engine: Engine,
  model: Model,
  batch: number,
  until: number,
  signal: AbortSignal | undefined,
): Promise<Omit<Latency, "batch" | "machine">> {
  const { logits } = observe(model, input("images", [batch, ...model.inputShape]), false);
  const program = await engine.compile({ outputs: { logits }, updates: [] });
  try {
    // Varied and about as large as normalised pixels: denormal numbers would be slower.
    const images = Float32Array.from({ length: batch * sizeOf(model.inputShape) }, (_, i) => ((i * 7) % 255) / 128 - 1);
    const times: number[] = [];
    await program.run({ images });
    while (times.length < FEWEST || (times.length < MOST && performance.now() < until)) {
      stopIfAborted(signal, "the network was being timed; it will be tested and timed again");
      const start = performance.now();
      await program.run({ images });
      times.push(performance.now() - start);
    }
    return { milliseconds: median(times), passes: times.length };
  } finally {
    program.close();
  }
}
