/** @file Several callers of one engine at once, in any order, with stops at any moment. */
import { setImmediate, setTimeout } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { Stream } from "../../src/data/stream.ts";
import { LimbeckError, wasmEngine, type Engine } from "../../src/entries/index.ts";
import {
  add,
  clamp,
  input,
  matmul,
  referenceEngine,
  state,
  sub,
  type Graph,
  type Inputs,
  type Program,
  type Tensor,
} from "../../src/entries/tensor.ts";
import type { Attack } from "./attack.ts";
import { pick } from "./mutate.ts";
import { settles } from "./settles.ts";

const side = 8;

/**
 * What is asked of a wasm engine is asked of a reference engine at the same moment: each promise settles, to the same bits
 * or to the same code. Engines are closed in the middle of it, and threads ended from outside, after which ENGINE is right too.
 */
export const engines: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const problems = await attempt(new Stream(seed, i, 0)).catch((error: unknown) => [String(error)]);
    faults.push(...[...new Set(problems)].map((problem) => `seed ${seed}, try ${i}: ${problem}`));
    onProgress?.(i);
  }
  return { tried: count, faults };
};

async function attempt(random: Stream): Promise<string[]> {
  const workers: Worker[] = [];
  const note = (worker: Worker): unknown => workers.push(worker);
  process.on("worker", note);
  const wasm = await wasmEngine({ threads: 1 + random.below(3) });
  const pair = new Pair(wasm, referenceEngine());
  const states = ["a", "b"].map((name) => state(name, [side, side]));
  const callers = Array.from({ length: 3 }, () => call(pair, states, random));
  if (random.below(3) === 0) {
    await setTimeout(random.below(60));
    pair.mayFail = true;
    void pick(random, workers).terminate();
  }
  await Promise.all(callers);
  await pair.ask("close", (engine) => engine.close());
  await setImmediate();
  process.off("worker", note);
  const left = workers.filter(({ threadId }) => threadId !== -1).length;
  return left > 0 ? [...pair.problems, `${left} threads outlived their engine`] : pair.problems;
}

/** Two engines that are asked for the same. */
class Pair {
  readonly problems: string[] = [];
  /** Whether a thread of the wasm engine was ended. */
  mayFail = false;
  readonly #wasm: Engine;
  readonly #reference: Engine;

  constructor(wasm: Engine, reference: Engine) {
    this.#wasm = wasm;
    this.#reference = reference;
  }

  /** What came of it, if both did it. */
  async ask<Result>(
    what: string,
    job: (engine: Engine, which: 0 | 1) => Promise<Result>,
  ): Promise<readonly [Result, Result] | undefined> {
    const asked = [job(this.#wasm, 0), job(this.#reference, 1)].map(settles);
    const [got, expected] = (await Promise.allSettled(asked)) as [
      PromiseSettledResult<Result>,
      PromiseSettledResult<Result>,
    ];
    if (got.status === "fulfilled" && expected.status === "fulfilled") {
      if (bits(got.value) !== bits(expected.value)) this.problems.push(`${what}: other values`);
      return [got.value, expected.value];
    }
    const [gotCode, expectedCode] = [codeOf(got), codeOf(expected)];
    // An engine that has failed compiles nothing any more, so nothing holds its states.
    const isExcused = this.mayFail && (gotCode === "ENGINE" || what === "free");
    if (gotCode !== expectedCode && !isExcused) {
      this.problems.push(`${what}: ended in ${gotCode}, expected ${expectedCode}`);
    }
    return undefined;
  }
}

/** Asks for some things, waiting for some of them. */
async function call(pair: Pair, states: readonly Tensor[], random: Stream): Promise<void> {
  const programs: (readonly [Program, Program])[] = [];
  const asked: Promise<unknown>[] = [];
  const compile = async (): Promise<void> => {
    const graph = randomGraph(states, random);
    const both = await pair.ask("compile", (engine) => engine.compile(graph));
    if (both) programs.push(both);
  };
  const actions = [
    compile,
    () => {
      const inputs = randomInputs(random);
      const both = pick(random, programs);
      return pair.ask("run", (_, which) => both[which].run(inputs));
    },
    () => {
      const s = pick(random, states);
      return pair.ask("read", (engine) => engine.read(s));
    },
    () => {
      const [s, values] = [pick(random, states), randomValues(random, side * side - Number(random.below(10) === 0))];
      return pair.ask("write", (engine) => engine.write(s, values));
    },
    () => pair.ask("free", (engine) => engine.free(states)),
    async () => {
      for (const program of pick(random, programs)) program.close();
    },
  ];
  await compile();
  for (let left = 4 + random.below(12); left > 0; left--) {
    const isOpen = programs.length > 0;
    const weighted = [0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5].filter((action) => isOpen || (action !== 1 && action !== 5));
    const doing = actions[pick(random, weighted)]!();
    asked.push(doing);
    if (random.below(2) === 0) await doing;
    if (random.below(3) === 0) await setTimeout(random.below(4));
    if (random.below(60) === 0) asked.push(pair.ask("close", (engine) => engine.close()));
  }
  await Promise.all(asked);
}

/** Whole numbers only, so that engines agree to the bit. */
function randomGraph([a, b]: readonly Tensor[], random: Stream): Graph {
  const x = input("x", [side, side]);
  const mixed = add(matmul(x, b!), a!);
  const bounded = clamp(pick(random, [mixed, sub(x, a!), add(a!, b!)]), { min: -50, max: 50 });
  const updates = [
    { state: a!, value: clamp(mixed, { min: -50, max: 50 }) },
    { state: b!, value: clamp(sub(a!, x), { min: -50, max: 50 }) },
  ];
  return { outputs: { bounded, a: a!, x }, updates: updates.slice(random.below(3)) };
}

function randomInputs(random: Stream): Inputs {
  const x = randomValues(random, side * side);
  const wrong = random.below(12);
  if (wrong === 0) return { x: x.slice(1) };
  return wrong === 1 ? {} : { x };
}

function randomValues(random: Stream, length: number): Float32Array {
  return Float32Array.from({ length }, () => random.below(9) - 4);
}

/** Of arrays, what is in them; -0 is 0, as clamping may give either. */
function bits(value: unknown): string {
  if (value instanceof Float32Array) return Array.from(value, (each) => (Object.is(each, -0) ? 0 : each)).join();
  if (value === undefined || value === null || "run" in (value as object)) return "";
  return Object.values(value as object)
    .map(bits)
    .join(";");
}

/** The code of what went wrong; the whole error where it has none. */
function codeOf(result: PromiseSettledResult<unknown>): string {
  if (result.status === "fulfilled") return "a value";
  return result.reason instanceof LimbeckError ? result.reason.code : String(result.reason);
}
