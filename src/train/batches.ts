/** @file Batches of a full and of a shorter last size: a program for each, and the loader that fills the inputs of a step ahead of it. */
import type { Augment } from "../data/augment-options.ts";
import type { Dataset } from "../data/dataset.ts";
import { normaliser, type BatchRange } from "../data/loader.ts";
import { batchMixing } from "../data/mixup.ts";
import type { Engine, Inputs, Program } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import type { Random } from "../random/index.ts";
import type { Graph, Tensor } from "../tensor/index.ts";
import { mostInFlight } from "./in-flight.ts";
import type { BatchPosition, StepInput, TeacherCache } from "./step-input.ts";

/** One value for each size that batches have: the full one, and that of a shorter last batch. */
export interface BySize<Value> {
  /** Throws ARGUMENT for a size that no batch has. */
  for(n: number): Value;
  readonly all: readonly Value[];
}

/** Makes the value for each size of these batches. */
export function bySize<Value>(ranges: readonly BatchRange[], make: (n: number) => Value): BySize<Value> {
  return lookup(new Map(Array.from(sizesOf(ranges), (n) => [n, make(n)] as const)));
}

/** Programs by batch size. */
export interface BatchPrograms extends BySize<Program> {
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
    for (const n of sizesOf(ranges)) programs.set(n, await engine.compile(graphFor(n)));
  } catch (error) {
    close();
    throw error;
  }
  return { ...lookup(programs), close };
}

function sizesOf(ranges: readonly BatchRange[]): ReadonlySet<number> {
  return new Set(ranges.map(({ from, to }) => to - from));
}

function lookup<Value>(values: ReadonlyMap<number, Value>): BySize<Value> {
  return {
    for(n) {
      const value = values.get(n);
      if (value !== undefined) return value;
      throw new LimbeckError("ARGUMENT", `a batch should have ${[...values.keys()].join(" or ")} images, got ${n}`);
    },
    all: [...values.values()],
  };
}

/** A batch ready to run. */
export interface LoadedBatch {
  /** Images in it. */
  readonly size: number;
  /** What the step's program is given. */
  readonly inputs: Inputs;
}

/** Loads a batch. The `mostInFlight - 1` before it may still be running: there are as many sets of buffers, used in turn. */
export type BatchLoader = (
  place: Pick<BatchPosition, "order" | "turns" | "range" | "epoch" | "phaseEpoch" | "step">,
) => LoadedBatch;

export interface BatchLoaderOptions {
  readonly dataset: Dataset;
  readonly random: Random;
  /** How images are varied, if at all. */
  readonly augment?: Augment | undefined;
  readonly teacherCache?: TeacherCache | undefined;
  readonly steps: BySize<LoadedStep>;
}

/** A step on a batch: what is to be filled, in this order, and what of it the graph depends on. */
export interface LoadedStep {
  readonly inputs: readonly StepInput[];
  readonly symbols: ReadonlySet<Tensor>;
}

/** A loader of batches of the training images. */
export function batchLoader({ dataset, random, augment, teacherCache, steps }: BatchLoaderOptions): BatchLoader {
  const source = { split: dataset.train, shape: dataset.shape, table: normaliser(dataset) };
  const [, height, width] = dataset.shape;
  const sets = Array.from({ length: mostInFlight }, () => new Map<number, Buffers>());
  return (place) => {
    const { from, to } = place.range;
    const size = to - from;
    const set = sets.shift()!;
    sets.push(set);
    const { filled, inputs } = set.get(size) ?? allocate(steps.for(size));
    set.set(size, { filled, inputs });
    const mixing = augment && batchMixing(augment, place.epoch, from, size, { width, height });
    const position: BatchPosition = { ...place, random, source, augment, mixing, teacherCache };
    for (const { input, values } of filled) input.fill(values, position);
    return { size, inputs };
  };
}

interface Buffers {
  readonly filled: readonly { readonly input: StepInput; readonly values: Float32Array | Int32Array }[];
  readonly inputs: Inputs;
}

/** Room for what the graph depends on, and for what is drawn all the same. */
function allocate({ inputs, symbols }: LoadedStep): Buffers {
  const filled = inputs
    .filter(({ symbol, drawnIfUnused }) => symbols.has(symbol) || drawnIfUnused)
    .map((input) => {
      const { size, dtype } = input.symbol;
      return { input, values: dtype === "int32" ? new Int32Array(size) : new Float32Array(size) };
    });
  const read = filled.filter(({ input }) => symbols.has(input.symbol));
  return {
    filled,
    inputs: Object.fromEntries(read.map(({ input, values }) => [input.symbol.attributes.name, values] as const)),
  };
}
