/** @file Engines that start while their memory grows: every thread has to see all of it. */
import { setImmediate, setTimeout } from "node:timers/promises";
import { Stream } from "../../src/data/stream.ts";
import { wasmEngine } from "../../src/entries/index.ts";
import { add, input, slice, state, type Tensor } from "../../src/entries/tensor.ts";
import type { Attack } from "./attack.ts";
import { settles } from "./settles.ts";

/** Each start ends in an engine that computes rightly with the first and with the last of the states it was given meanwhile. */
export const starts: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const random = new Stream(seed, i, 0);
    const problem = await settles(start(random)).catch(String);
    if (problem !== undefined) faults.push(`seed ${seed}, start ${i}: ${problem}`);
    if (i % 20 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

async function start(random: Stream): Promise<string | undefined> {
  const engine = await wasmEngine({ threads: 1 + random.below(4) });
  try {
    const states = await grow(random, (s, values) => engine.write(s, values));
    const x = input("x", [8]);
    for (const s of [states[0]!, states.at(-1)!]) {
      const program = await engine.compile({
        outputs: { y: add(x, slice(s.tensor, { axis: 0, from: 0, to: 1 })) },
        updates: [],
      });
      const { y } = await program.run({ x: new Float32Array(8).fill(1) });
      if (!y!.every((value) => value === s.value + 1)) return `got ${y!.join()}, expected ${s.value + 1}`;
      program.close();
    }
  } finally {
    await engine.close();
  }
}

/** Writes states of any size for up to a third of a second: threads take about as long to start. */
async function grow(
  random: Stream,
  write: (state: Tensor, values: Float32Array) => Promise<void>,
): Promise<{ readonly tensor: Tensor; readonly value: number }[]> {
  const states: { tensor: Tensor; value: number }[] = [];
  const until = performance.now() + random.below(330);
  do {
    const value = states.length;
    const tensor = state(`s${value}`, [1 + random.below(3) * random.below(40_000), 8]);
    states.push({ tensor, value });
    await write(tensor, new Float32Array(tensor.size).fill(value));
    if (random.below(2) === 0) await setImmediate();
    else if (random.below(4) === 0) await setTimeout(random.below(5));
  } while (performance.now() < until && states.length < 300);
  return states;
}
