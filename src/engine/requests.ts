/** @file What every engine does with what it is asked: checks it against the graph's inputs and states, and does one thing after another. */
import { anObject, checkArguments } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";
import type { AnalysedGraph } from "../tensor/graph.ts";
import { formatShape } from "../tensor/shape.ts";
import { aTensor, isState, type Tensor } from "../tensor/tensor.ts";
import type { Inputs } from "./contract.ts";

/**
 * Compares what a run was given with what its graph needs (`AnalysedGraph.inputs`). Throws ARGUMENT for an input that
 * is missing, one the graph does not have (with the nearest name it has), or an array of the wrong type or length.
 */
export function checkInputs(needed: ReadonlyMap<string, Tensor>, given: Inputs): void {
  checkArguments("run", { inputs: [given, anObject] });
  for (const name of Object.keys(given)) {
    if (!needed.has(name)) throw unknownInput(name, [...needed.keys()]);
  }
  for (const [name, tensor] of needed) {
    const values: unknown = Object.hasOwn(given, name) ? given[name] : undefined;
    const ArrayType = tensor.dtype === "int32" ? Int32Array : Float32Array;
    if (values instanceof ArrayType && values.length === tensor.size) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `run: input ${name} should be ${ArrayType === Int32Array ? "an" : "a"} ${ArrayType.name} of ${tensor.size} values, ` +
        `for ${tensor.dtype} ${formatShape(tensor.shape)}, got ${describe(values)}`,
    );
  }
}

/** Throws ARGUMENT unless `tensor` is a state; `action` is `read`, `write` or `free`. */
function checkState(action: string, tensor: Tensor): asserts tensor is Tensor<{ readonly name: string }> {
  checkArguments(action, { "the state": [tensor, aTensor] });
  if (!isState(tensor)) {
    throw new LimbeckError(
      "ARGUMENT",
      `${action}: only a state has values to ${action}, got the result of ${tensor.op.name}; name it among a graph's outputs instead`,
    );
  }
}

/** The same of a state of numbers. */
export function checkNumbers(
  action: "read" | "write",
  tensor: Tensor,
): asserts tensor is Tensor<{ readonly name: string }> {
  checkState(action, tensor);
  if (tensor.dtype === "float32") return;
  throw new LimbeckError(
    "ARGUMENT",
    `${action}: state ${tensor.attributes.name} holds bytes, whose rows are written with writeRows and looked up with lookupRows`,
  );
}

/** Throws ARGUMENT for one that is no state, or that one of the `open` programs uses. */
export function checkFree(states: readonly Tensor[], open: Iterable<AnalysedGraph>): void {
  const used = new Set([...open].flatMap((program) => program.states));
  for (const state of states) {
    checkState("free", state);
    if (!used.has(state)) continue;
    throw new LimbeckError(
      "ARGUMENT",
      `free: state ${state.attributes.name} ${formatShape(state.shape)} is used by a program; close that first`,
    );
  }
}

/** Throws ARGUMENT unless `values` fill the state. */
export function checkStateValues(state: Tensor, values: Float32Array): void {
  checkNumbers("write", state);
  if (!(values instanceof Float32Array) || values.length !== state.size) {
    throw new LimbeckError(
      "ARGUMENT",
      `write: state ${state.attributes.name} should get a Float32Array of ${state.size} values, ` +
        `for ${formatShape(state.shape)}, got ${describe(values)}`,
    );
  }
}

/** Throws ARGUMENT unless the state is of bytes, has these rows, and `values` fill them. */
export function checkRows(state: Tensor, rows: Int32Array, values: Uint8Array): void {
  checkState("writeRows", state);
  const { name } = state.attributes;
  const fail = (expected: string, got: string): never => {
    throw new LimbeckError("ARGUMENT", `writeRows: ${expected}, got ${got}`);
  };
  const [count] = state.shape;
  if (state.dtype !== "uint8" || count === undefined)
    return fail(`state ${name} should be uint8, of one axis at least`, `${state.dtype} ${formatShape(state.shape)}`);
  if (!(rows instanceof Int32Array)) return fail("rows should be an Int32Array", describe(rows));
  const outside = rows.find((row) => row < 0 || row >= count);
  if (outside !== undefined) return fail(`rows of state ${name} should be from 0 to ${count - 1}`, String(outside));
  const needed = (rows.length * state.size) / count;
  if (!(values instanceof Uint8Array) || values.length !== needed)
    return fail(`state ${name} should get a Uint8Array of ${needed} values for ${rows.length} rows`, describe(values));
}

/** What `writeRows` does to the bytes of a state. */
export function setRows(bytes: Pick<Uint8Array, "set">, rows: Int32Array, values: Uint8Array): void {
  const width = values.length / rows.length;
  for (const [k, row] of rows.entries()) bytes.set(values.subarray(k * width, (k + 1) * width), row * width);
}

/** Runs jobs one at a time, first come, first served. A job that fails does not hold up the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `job` after all jobs added before it; the promise settles as the job does. */
  add<Result>(job: () => Result | Promise<Result>): Promise<Result> {
    const result = this.#last.then(job);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Settles, without an error, when all jobs added so far have ended. */
  async drained(): Promise<void> {
    await this.#last;
  }
}

function unknownInput(name: string, known: readonly string[]): LimbeckError {
  const near = nearestName(name, known);
  const fix = near ? `did you mean ${near}?` : known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
  return new LimbeckError("ARGUMENT", `run: the graph has no input ${name}; ${fix}`);
}

function describe(values: unknown): string {
  if (values === undefined) return "nothing";
  if (Array.isArray(values)) return "a plain array";
  if (ArrayBuffer.isView(values) && "length" in values) return `${values.constructor.name} of ${values.length}`;
  return typeof values;
}
