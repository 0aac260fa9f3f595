/** @file Batches of a full and of a shorter last size: a program for each, and the loader that fills the inputs of a step ahead of it. */
import type { Augment } from "../data/augment.ts";
import type { Dataset } from "../data/dataset.ts";
import { normaliser, type BatchRange } from "../data/loader.ts";
import { mixing } from "../data/mixup.ts";
import type { Engine, Inputs, Program } from "../engine/contract.ts";
import type { Random, RandomState } from "../random/index.ts";
import type { Graph, Tensor } from "../tensor/index.ts";
import type { BatchPosition, StepInput } from "./step-input.ts";

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

/** A batch ready to run. */
export interface LoadedBatch {
  /** Images in it. */
  readonly size: number;
  /** What the step's program is given. */
  readonly inputs: Inputs;
  /** Where the stream stood before this batch's masks and negatives were drawn: where to go on if the batch never runs. */
  readonly before: RandomState;
}

/** Loads a batch. The one before may still be running: there are two sets of buffers, used in turn. */
export type BatchLoader = (
  place: Pick<BatchPosition, "order" | "range" | "epoch" | "phaseEpoch" | "step">,
) => LoadedBatch;

export interface BatchLoaderOptions {
  readonly dataset: Dataset;
  readonly random: Random;
  /** How images are varied, if at all. */
  readonly augment?: Augment | undefined;
  /** Of the step on a batch of n: what is to be filled, in this order, and what of it the graph depends on. */
  readonly stepFor: (n: number) => { readonly inputs: readonly StepInput[]; readonly symbols: ReadonlySet<Tensor> };
}

/** A loader of batches of the training images. */
export function batchLoader({ dataset, random, augment, stepFor }: BatchLoaderOptions): BatchLoader {
  const source = { split: dataset.train, shape: dataset.shape, table: normaliser(dataset) };
  const sets = [new Map<number, Buffers>(), new Map<number, Buffers>()] as const;
  let turn: 0 | 1 = 0;
  return (place) => {
    const { from, to } = place.range;
    const size = to - from;
    turn = turn === 0 ? 1 : 0;
    const { filled, inputs } = sets[turn].get(size) ?? allocate(stepFor(size));
    sets[turn].set(size, { filled, inputs });
    const before = random.state();
    const mixed = augment?.mixup && mixing(augment.mixup.alpha, augment.seed, place.epoch, from, size);
    const position: BatchPosition = { ...place, random, source, augment, mixing: mixed };
    for (const { input, values } of filled) input.fill(values, position);
    return { size, inputs, before };
  };
}

interface Buffers {
  readonly filled: readonly { readonly input: StepInput; readonly values: Float32Array | Int32Array }[];
  readonly inputs: Inputs;
}

/** Room for what the graph depends on, and for what is drawn all the same. */
function allocate({ inputs, symbols }: ReturnType<BatchLoaderOptions["stepFor"]>): Buffers {
  const filled = inputs
    .filter(({ symbol, drawnIfUnused }) => symbols.has(symbol) || drawnIfUnused)
    .map((input) => {
      const { size, dtype } = input.symbol;
      return { input, values: dtype === "int32" ? new Int32Array(size) : new Float32Array(size) };
    });
  const given = filled.filter(({ input }) => symbols.has(input.symbol));
  return {
    filled,
    inputs: Object.fromEntries(given.map(({ input, values }) => [input.symbol.attributes.name, values] as const)),
  };
}
