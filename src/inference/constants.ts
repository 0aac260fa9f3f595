/** @file What of a network does not depend on the images, and its numbers. */
import { valueAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { checkSupported, evaluateInOrder } from "../engine/reference/evaluate.ts";
import { isInput, isState, topologicalOrder, type Tensor } from "../tensor/index.ts";
import { broadcastToOp } from "../tensor/ops/broadcast.ts";
import type { NetworkWithValues } from "./network.ts";
import { namedStates } from "../nn/index.ts";

/** The parts of a recording that are the same for all images. */
export class Constants {
  readonly #values: ReadonlyMap<Tensor, Float32Array>;
  readonly #paths: ReadonlyMap<Tensor, string>;
  /** Those that have states in them; the others are made of numbers that stand in the graph. */
  readonly #held = new Set<Tensor>();
  readonly #active = new Set<Tensor>();

  constructor({ model, values }: NetworkWithValues, order: readonly Tensor[]) {
    this.#values = values;
    this.#paths = new Map(
      [...namedStates(model.module)].map(([path, tensor]) => [tensor, path]).toReversed() as [Tensor, string][],
    );
    for (const tensor of order) {
      const { inputs } = tensor;
      const hasState = inputs.some((x) => this.#held.has(x));
      // NOTE: a state that is stretched may be stretched to the batch; that stays in the graph.
      const isStretched = tensor.op === broadcastToOp && hasState;
      if (isInput(tensor) || isStretched || inputs.some((x) => this.#active.has(x))) this.#active.add(tensor);
      else if (isState(tensor) || hasState) this.#held.add(tensor);
    }
  }

  /** Whether it depends on the images. */
  isActive(tensor: Tensor): boolean {
    return this.#active.has(tensor);
  }

  /** Whether it is made of states alone, and numbers. */
  isHeld(tensor: Tensor): boolean {
    return this.#held.has(tensor);
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
