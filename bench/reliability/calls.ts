/** @file Calls public functions with wrong arguments: each has to do its work, or to end in an error with a code, in bounded time. */
import { Stream } from "../../src/data/stream.ts";
import { LimbeckError } from "../../src/errors.ts";
import type { Attack } from "./attack.ts";
import { functions } from "./calls/functions.ts";
import { spoilt } from "./calls/values.ts";

/** Sets this use of a seed apart from others: "call" in ASCII. */
const KEY = 0x63616c6c;
/** A call takes milliseconds; on a busy machine it may have to wait. */
const mostMilliseconds = 10_000;

export const calls: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  const names = Object.keys(functions);
  for (let i = 0; i < count; i++) {
    const random = new Stream(seed, KEY, i);
    const name = names[i % names.length]!;
    const fault = await faultOf(name, random);
    if (fault !== undefined) faults.push(`${name} ${seed}.${i}: ${fault}`);
    if (i % 1000 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

async function faultOf(name: string, random: Stream): Promise<string | undefined> {
  const [call, right] = functions[name]!;
  const given = [...right()];
  // A call in eight is right; of the others at least one argument is wrong, or left out.
  if (random.below(8) > 0) {
    const wrong = random.below(given.length);
    for (const [i, value] of given.entries())
      if (i === wrong || random.below(4) === 0) given[i] = spoilt(value, random);
  }
  const begin = performance.now();
  try {
    await settled(call(...(given as never[])));
  } catch (error) {
    if (!(error instanceof LimbeckError)) {
      const [message, ...stack] = String((error as Error).stack ?? error).split("\n");
      return `${message} ${stack.find((line) => line.includes("/src/"))?.trim() ?? ""}`;
    }
  }
  const took = performance.now() - begin;
  return took > mostMilliseconds ? `took ${Math.round(took)} ms` : undefined;
}

/** Waits for what a call gives: a promise, or the first value of what tells values one by one. */
async function settled(value: unknown): Promise<void> {
  const awaited = await value;
  if (typeof awaited !== "object" || awaited === null || !(Symbol.asyncIterator in awaited)) return;
  const values = (awaited as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  await values.next();
  await values.return?.();
}
