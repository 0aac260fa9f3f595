/** @file The contract of an engine: compile a graph, run it, read and write the states it keeps. */
import { aFunction, having, type Kind } from "../arguments.ts";
import type { Graph } from "../tensor/graph.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Values by input name, row-major in the input's shape (images NCHW). `Int32Array` for int32 inputs. */
export type Inputs = Readonly<Record<string, Float32Array | Int32Array>>;

/** Values by output name, row-major in the output's shape; the caller's to keep. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** A compiled graph. */
export interface Program {
  /**
   * Computes the outputs, then applies the updates. Runs of one engine's programs follow each other in the order
   * they were asked for. NOTE: leave the input arrays as they are until the promise settles.
   *
   * Throws ARGUMENT for a missing, unknown or wrongly sized input, ENGINE if the engine is closed.
   */
  run(inputs?: Inputs): Promise<Outputs>;
  /** Frees what the program holds. States stay, until `Engine.free`. */
  close(): void;
}

/** For `checkArguments`. */
export const anEngine: Kind = having("an engine", {
  compile: aFunction,
  read: aFunction,
  write: aFunction,
  writeRows: aFunction,
  roomForBytes: aFunction,
  free: aFunction,
});

/** Runs graphs. States (see `state`) live here, shared by all its programs, zeros until written. */
export interface Engine {
  readonly name: string;
  /** One line for people and records: what runs, on how many threads. */
  readonly description: string;
  /** Makes a program. Throws UNSUPPORTED, naming the operation, if it cannot run one. */
  compile(graph: Graph): Promise<Program>;
  /** A copy of a float32 state's values, row-major in its shape, after all runs asked for so far. */
  read(state: Tensor): Promise<Float32Array>;
  /** Sets a float32 state's values. Throws ARGUMENT if their number is wrong. */
  write(state: Tensor, values: Float32Array): Promise<void>;
  /**
   * Sets rows of a uint8 state [M, ...], after all runs asked for so far: row `rows[k]` becomes the k-th of `rows.length` equal
   * parts of `values`, of equal rows the last. NOTE: leave the arrays as they are until the promise settles.
   *
   * Throws ARGUMENT for a row that there is not, or values of another number; ENGINE where there is not memory for the state.
   */
  writeRows(state: Tensor, rows: Int32Array, values: Uint8Array): Promise<void>;
  /** How many bytes a uint8 state may have here, so that there is memory left for programs. */
  roomForBytes(): number;
  /**
   * Gives back the memory of these states, after all that was asked for so far; they are zeros again, and may be written
   * again. Engines hold a state from its first use on until it is freed or they are closed; a closed engine has none to free.
   *
   * Throws ARGUMENT, and frees none, where one is no state or a program that is not closed uses it.
   */
  free(states: Iterable<Tensor>): Promise<void>;
  /** Stops threads and frees memory. Nothing works afterwards. */
  close(): Promise<void>;
}
