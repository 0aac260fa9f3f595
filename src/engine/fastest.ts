/** @file Which of several engines makes a step soonest, by measurement: what `auto` goes by where there is a GPU. */
import { reasonOf } from "../errors.ts";
import { elementAt } from "../elements.ts";
import {
  analyse,
  conv2d,
  gradients,
  input,
  maxPool2d,
  mean,
  mul,
  relu,
  square,
  state,
  sub,
  type DType,
  type Graph,
} from "../tensor/index.ts";
import type { Engine, Inputs, Program } from "./contract.ts";

/** An engine that may be taken. */
export interface Candidate {
  readonly name: string;
  start(): Promise<Engine>;
}

/** How long a step takes on it; why it took none. */
export interface Measured {
  readonly name: string;
  readonly milliseconds?: number;
  readonly problem?: string;
}

export interface Fastest {
  readonly engine: Engine;
  /** All, the one that was taken first. */
  readonly measured: readonly Measured[];
}

/**
 * Starts the candidates one after another, times a few steps on each, and closes all but the fastest, whose states are zeros again.
 * One that fails is out. Throws the first one's error where all do.
 */
export async function fastest(candidates: readonly Candidate[], step: Graph = sampleStep()): Promise<Fastest> {
  let best: { readonly engine: Engine; readonly measured: Measured; readonly milliseconds: number } | undefined;
  const others: Measured[] = [];
  const errors: unknown[] = [];
  for (const { name, start } of candidates) {
    let engine: Engine | undefined;
    try {
      engine = await start();
      const milliseconds = await timeStep(engine, step);
      const found = { engine, measured: { name, milliseconds }, milliseconds };
      const [better, worse] = best && best.milliseconds <= milliseconds ? [best, found] : [found, best];
      best = better;
      if (worse) others.push(worse.measured);
      await worse?.engine.close();
    } catch (error) {
      await engine?.close();
      errors.push(error);
      others.push({ name, problem: reasonOf(error) });
    }
  }
  if (!best) throw errors[0];
  return { engine: best.engine, measured: [best.measured, ...others] };
}

/** `a step takes 3.1 ms, on wasm 42 ms` */
export function timesInWords([taken, ...others]: readonly Measured[]): string {
  const time = ({ milliseconds, problem }: Measured): string =>
    milliseconds === undefined
      ? `it fails: ${problem}`
      : `${milliseconds < 99.5 ? milliseconds.toPrecision(2) : Math.round(milliseconds)} ms`;
  const rest = others.map((other) => `, on ${other.name} ${time(other)}`).join("");
  return taken ? `a step takes ${time(taken)}${rest}` : "";
}

/** Steps begun together, as a training does. */
const together = 2;
const fewestRounds = 3;
const usualSeconds = 0.3;
const mostSeconds = 2;

/** Milliseconds of a step whose inputs and states are zeros: the least of a few rounds, after one that is not counted. States are zeros afterwards. */
export async function timeStep(engine: Engine, step: Graph): Promise<number> {
  const { inputs, states } = analyse(step);
  const given = Object.fromEntries(
    Array.from(inputs, ([name, { dtype, size }]) => [name, zeros(dtype, size)] as const),
  );
  const program = await engine.compile(step);
  try {
    await program.run(given);
    let [least, rounds] = [Infinity, 0];
    const begun = performance.now();
    const spent = (): number => (performance.now() - begun) / 1000;
    while ((rounds < fewestRounds || spent() < usualSeconds) && spent() < mostSeconds) {
      rounds += 1;
      least = Math.min(least, await timeRound(program, given));
    }
    return least;
  } finally {
    program.close();
    await engine.free(states);
  }
}

async function timeRound(program: Program, given: Inputs): Promise<number> {
  const begun = performance.now();
  await Promise.all(Array.from({ length: together }, () => program.run(given)));
  return (performance.now() - begun) / together;
}

function zeros(dtype: DType, size: number): Float32Array | Int32Array {
  return dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
}

/** A step of two convolutions on 64 images of 32x32: what is timed where nobody knows yet what will be computed. */
export function sampleStep(): Graph {
  const images = input("images", [64, 3, 32, 32]);
  const [first, second] = [state("first", [32, 3, 3, 3]), state("second", [64, 32, 3, 3])];
  const features = maxPool2d(relu(conv2d(images, first, undefined, { padding: 1 })), 2);
  const loss = mean(square(relu(conv2d(features, second, undefined, { padding: 1 }))));
  const slopes = gradients(loss, [first, second]);
  return {
    outputs: { loss },
    updates: [first, second].map((weight, i) => ({
      state: weight,
      value: sub(weight, mul(elementAt(slopes, i), 0.1)),
    })),
  };
}
