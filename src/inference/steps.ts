/** @file A folded graph as steps that any recording of the network can follow, and the states that they take, with their values. */
import { elementAt, valueAt } from "../elements.ts";
import { add, clamp, constant, conv2d, linear, mul, sameShape, state, Tensor, type Shape } from "../tensor/index.ts";
import type { ConvAttributes } from "../tensor/ops/conv.ts";
import type { Constants } from "./constants.ts";
import type { Affine, Draft, Layer } from "./draft.ts";

/** One tensor of the folded graph, of those that earlier steps made and the one at its place in the recording. */
export interface Step {
  readonly at: number;
  /** Which steps' results it takes. */
  readonly inputs: readonly number[];
  make(inputs: readonly Tensor[], recorded: Tensor): Tensor;
}

/** The steps to the last draft, in an order in which they can be made; the states that they take are added. */
export function stepsTo(last: Draft, constants: Constants, states: States): Step[] {
  const place = new Map<Draft, number>();
  const steps: Step[] = [];
  // NOTE: a stack of our own; a deep network's graph overflows recursion.
  const stack: { readonly draft: Draft; next: number }[] = [{ draft: last, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const { draft } = top;
    const input = draft.inputs[top.next++];
    if (input) {
      if (!place.has(input)) stack.push({ draft: input, next: 0 });
      continue;
    }
    stack.pop();
    if (place.has(draft)) continue;
    const inputs = draft.inputs.map((each) => valueAt(place, each));
    place.set(draft, steps.length);
    steps.push({ at: draft.at, inputs, make: makerOf(draft, constants, states) });
  }
  return steps;
}

/** NOTE: what it gives holds tensors and no numbers, so that the network's own values are not held as long as the folded ones. */
function makerOf(draft: Draft, constants: Constants, states: States): Step["make"] {
  switch (draft.kind) {
    case "leaf":
      return (_, recorded) => recorded;
    case "kept":
      return (inputs, { op, attributes, shape, dtype }) => new Tensor(op, inputs, attributes, shape, dtype);
    case "held": {
      const held = states.held(draft.of, constants);
      return () => held;
    }
    case "clamp": {
      const { max } = draft;
      return (inputs) => clamp(elementAt(inputs, 0), { min: 0, max });
    }
    case "affine":
      return affineMaker(draft, constants, states);
    case "conv2d":
    case "linear":
      return layerMaker(draft, constants, states);
  }
}

function layerMaker(
  { kind, weight, bias, isTransposed, after }: Layer,
  constants: Constants,
  states: States,
): Step["make"] {
  const { scale, shift } = after;
  const isScaled = scale.some((each) => each !== 1);
  const isShifted = shift.some((each) => each !== 0);
  const path = constants.pathOf(weight);
  const newWeightOf = (): Float32Array => {
    const numbers = constants.numbersOf(weight);
    return scaled(isTransposed ? transposed(numbers, scale.length) : numbers, scale);
  };
  const newBiasOf = (): Float32Array => {
    const numbers = bias ? constants.numbersOf(bias) : new Float64Array(scale.length);
    return Float32Array.from(scale, (each, c) => numbers[c]! * each + shift[c]!);
  };
  const newWeight =
    isScaled || isTransposed
      ? states.made(path, isTransposed ? weight.shape.toReversed() : weight.shape, newWeightOf())
      : states.held(weight, constants);
  const newBias =
    isShifted || (bias && isScaled)
      ? states.made(bias ? constants.pathOf(bias) : beside(path, "bias"), [scale.length], newBiasOf())
      : bias && states.held(bias, constants);
  return layer(kind, newWeight, newBias);
}

function layer(kind: Layer["kind"], weight: Tensor, bias: Tensor | undefined): Step["make"] {
  if (kind === "linear") return (inputs) => linear(elementAt(inputs, 0), weight, bias);
  return (inputs, { attributes }) => conv2d(elementAt(inputs, 0), weight, bias, attributes as ConvAttributes);
}

function affineMaker({ of, after, rank }: Affine, constants: Constants, states: States): Step["make"] {
  const path = constants.pathOf(of);
  const operand = (name: string, numbers: Float64Array, neutral: number): Tensor | undefined => {
    const [first] = numbers;
    const isSame = numbers.every((each) => each === first);
    if (isSame) return first === neutral ? undefined : constant(Math.fround(first!));
    const shape = rank === 4 ? [numbers.length, 1, 1] : [numbers.length];
    return states.made(beside(path, name), shape, Float32Array.from(numbers));
  };
  return multiplyAdd(operand("scale", after.scale, 1), operand("shift", after.shift, 0));
}

function multiplyAdd(scale: Tensor | undefined, shift: Tensor | undefined): Step["make"] {
  return (inputs) => {
    const x = elementAt(inputs, 0);
    const multiplied = scale ? mul(x, scale) : x;
    return shift ? add(multiplied, shift) : multiplied;
  };
}

/** New states by their paths, and their values. */
export class States {
  readonly byPath = new Map<string, Tensor>();
  readonly values = new Map<Tensor, Float32Array>();
  readonly #held = new Map<Tensor, Tensor>();

  /** For numbers as they are, once for all who take them. */
  held(tensor: Tensor, constants: Constants): Tensor {
    const known = this.#held.get(tensor);
    if (known) return known;
    const numbers = constants.numbersOf(tensor);
    const made = this.made(
      constants.pathOf(tensor),
      tensor.shape,
      numbers instanceof Float32Array ? numbers : Float32Array.from(numbers),
    );
    this.#held.set(tensor, made);
    return made;
  }

  /** One of that path which holds the same numbers, or a new one. */
  made(path: string, shape: Shape, numbers: Float32Array): Tensor {
    const base = path || "constant";
    let free = base;
    for (let i = 2; this.byPath.has(free); i++) {
      const known = valueAt(this.byPath, free);
      if (sameShape(known.shape, shape) && areEqual(valueAt(this.values, known), numbers)) return known;
      free = `${base}_${i}`;
    }
    const tensor = state(free, shape);
    this.byPath.set(free, tensor);
    this.values.set(tensor, numbers);
    return tensor;
  }
}

function areEqual(a: Float32Array, b: Float32Array): boolean {
  return a === b || a.every((value, i) => Object.is(value, b[i]));
}

/** `bn1.scale` of `bn1.running_mean`. */
function beside(path: string, name: string): string {
  return `${path.replace(/[^.]*$/, "")}${name}`;
}

/** weight [outputs, …], each output's numbers times its own. */
function scaled(weight: Float32Array | Float64Array, scale: Float64Array): Float32Array {
  const result = new Float32Array(weight.length);
  const each = weight.length / scale.length;
  for (const [output, factor] of scale.entries()) {
    for (let i = output * each; i < (output + 1) * each; i++) result[i] = weight[i]! * factor;
  }
  return result;
}

/** A matrix [inputs, outputs] as [outputs, inputs]. */
function transposed(matrix: Float32Array | Float64Array, outputs: number): Float64Array {
  const result = new Float64Array(matrix.length);
  const inputs = matrix.length / outputs;
  for (let output = 0; output < outputs; output++) {
    for (let i = 0; i < inputs; i++) result[output * inputs + i] = matrix[i * outputs + output]!;
  }
  return result;
}
