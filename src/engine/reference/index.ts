/** @file The oracle: runs a graph by plain loops over arrays. Slow, and right; other engines are tested against it. */
import { anIterable, checkArguments } from "../../arguments.ts";
import { valueAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { analyse, type AnalysedGraph, type Graph } from "../../tensor/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Engine, Inputs, Outputs, Program } from "../contract.ts";
import { checkFree, checkInputs, checkNumbers, checkRows, checkStateValues, Queue, setRows } from "../requests.ts";
import { checkSupported, evaluateInOrder, type Precision } from "./evaluate.ts";
import type { Numbers } from "./kernels/kernel.ts";

export { evaluate, type Precision, type Sources } from "./evaluate.ts";

/** `float32`, the default, is what training runs in. With `float64`, states keep float64 too; what is read back is rounded. */
export interface ReferenceOptions {
  readonly precision?: Precision;
}

/** A new engine whose states are all zeros. */
export function referenceEngine(options: ReferenceOptions = {}): Engine {
  const { precision = "float32" } = options;
  return new ReferenceEngine(precision);
}

class ReferenceEngine implements Engine {
  readonly name = "reference";
  readonly description: string;
  readonly #precision: Precision;
  readonly #queue = new Queue();
  /** States that were written or updated; the others are zeros. */
  readonly #states = new Map<Tensor, Numbers>();
  /** Of programs that are not closed. */
  readonly #open = new Set<AnalysedGraph>();
  #closed = false;

  constructor(precision: Precision) {
    this.#precision = precision;
    this.description = `reference: plain loops in ${precision}, 1 thread`;
  }

  async compile(graph: Graph): Promise<Program> {
    this.#checkOpen();
    return this.#queue.add(() => this.#compile(graph));
  }

  async read(state: Tensor): Promise<Float32Array> {
    this.#checkOpen();
    checkNumbers("read", state);
    return this.#queue.add(() => Float32Array.from(this.#states.get(state) ?? new Float32Array(state.size)));
  }

  async write(state: Tensor, values: Float32Array): Promise<void> {
    this.#checkOpen();
    checkStateValues(state, values);
    const copy = this.#copy(values);
    return this.#queue.add(() => void this.#states.set(state, copy));
  }

  async writeRows(state: Tensor, rows: Int32Array, values: Uint8Array): Promise<void> {
    this.#checkOpen();
    checkRows(state, rows, values);
    return this.#queue.add(() => {
      const bytes = this.#states.get(state) ?? new Uint8Array(state.size);
      this.#states.set(state, bytes);
      setRows(bytes, rows, values);
    });
  }

  roomForBytes(): number {
    return Infinity;
  }

  async free(states: Iterable<Tensor>): Promise<void> {
    if (this.#closed) return;
    checkArguments("free", { states: [states, anIterable] });
    const freed = [...states];
    return this.#queue.add(() => {
      checkFree(freed, this.#open);
      for (const state of freed) this.#states.delete(state);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.drained();
    this.#states.clear();
  }

  #compile(graph: Graph): Program {
    const analysed = analyse(graph);
    checkSupported(analysed.order);
    this.#open.add(analysed);
    let closed = false;
    return {
      run: async (inputs = {}) => {
        this.#checkOpen();
        if (closed) throw new LimbeckError("ENGINE", "run: this program is closed; compile its graph again");
        checkInputs(analysed.inputs, inputs);
        return this.#queue.add(() => this.#run(graph, analysed, inputs));
      },
      close: () => {
        closed = true;
        this.#queue.add(() => this.#open.delete(analysed));
      },
    };
  }

  #run(graph: Graph, { order, inputs }: AnalysedGraph, given: Inputs): Outputs {
    const sources = new Map<Tensor, Numbers>(this.#states);
    for (const [name, tensor] of inputs) sources.set(tensor, given[name]!);
    const valuesOf = evaluateInOrder(order, sources, this.#precision);
    for (const { state, value } of graph.updates) this.#states.set(state, this.#copy(valueAt(valuesOf, value)));
    return Object.fromEntries(
      Object.entries(graph.outputs).map(([name, tensor]) => [name, Float32Array.from(valueAt(valuesOf, tensor))]),
    );
  }

  /** NOTE: a state never shares an array with the caller, whose input may be its update's value. */
  #copy(values: Numbers): Numbers {
    return this.#precision === "float32" ? Float32Array.from(values) : Float64Array.from(values);
  }

  #checkOpen(): void {
    if (this.#closed) throw new LimbeckError("ENGINE", "the reference engine is closed; make a new one");
  }
}
