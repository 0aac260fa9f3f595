/** @file What of a network does not depend on the images, and its numbers. */
import { valueAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { checkSupported, evaluateInOrder } from "../engine/reference/evaluate.ts";
import type { Model } from "../models/index.ts";
import { isInput, isState, topologicalOrder, type Tensor } from "../tensor/index.ts";
import { Dependence, pathsOf } from "./operations.ts";

/** A network that can be used: a model, and the values that it was trained to, as `importOnnx` gives it. */
export interface NetworkWithValues {
  readonly model: Model;
  /** Of every parameter and buffer. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}

/** The parts of a recording that are the same for all images. */
export class Constants extends Dependence {
  readonly #values: ReadonlyMap<Tensor, Float32Array>;
  readonly #paths: ReadonlyMap<Tensor, string>;

  constructor({ model, values }: NetworkWithValues, order: readonly Tensor[]) {
    super(order, isInput);
    this.#values = values;
    this.#paths = pathsOf(model.module);
  }

  /** The numbers: a state's own, or computed from them in float64. Throws ARGUMENT for a state without values, UNSUPPORTED. */
  numbersOf(tensor: Tensor): Float32Array | Float64Array {
    if (isState(tensor)) return this.#valuesOf(tensor);
    const order = topologicalOrder([tensor]);
    checkSupported(order);
    const sources = new Map(order.filter(isState).map((state) => [state, this.#valuesOf(state)]));
    return Float64Array.from(valueAt(evaluateInOrder(order, sources, "float64"), tensor));
  }

  /** The path of the first state that it is made of, `bn1.running_mean`; empty if of none. */
  pathOf(tensor: Tensor): string {
    const state = topologicalOrder([tensor]).find((each) => this.#paths.has(each));
    return state ? valueAt(this.#paths, state) : "";
  }

  #valuesOf(state: Tensor): Float32Array {
    const values = this.#values.get(state);
    if (values?.length === state.size) return values;
    const name = JSON.stringify(this.#paths.get(state) ?? state.toString());
    throw new LimbeckError(
      "ARGUMENT",
      `the values should have ${state.size} numbers for ${name}, got ${values?.length ?? "none"}; give those of every parameter and buffer`,
    );
  }
}
