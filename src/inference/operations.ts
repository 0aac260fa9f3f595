/** @file What operations of a recording do to that which depends on the images: layers by trained weights, and arithmetic per channel. */
import { elementAt } from "../elements.ts";
import { namedStates, type Module } from "../nn/index.ts";
import { isConstant, isState, type Shape, type Tensor } from "../tensor/index.ts";
import { broadcastToOp } from "../tensor/ops/broadcast.ts";
import { conv2dOp } from "../tensor/ops/conv.ts";
import { addOp, clampOp, divOp, mulOp, reluOp, stopGradientOp, subOp } from "../tensor/ops/elementwise.ts";
import { linearOp, matmulOp, type Transposed } from "../tensor/ops/matmul.ts";

/** Of a recording's tensors, in their order, those that depend on the images and those that are made of states. */
export class Dependence {
  /** Those that have states in them; the others that are not active are made of numbers in the graph. */
  readonly #held = new Set<Tensor>();
  readonly #active = new Set<Tensor>();

  constructor(order: readonly Tensor[], isImages: (tensor: Tensor) => boolean) {
    for (const tensor of order) {
      const { inputs } = tensor;
      const hasState = inputs.some((x) => this.#held.has(x));
      // NOTE: a state that is stretched may be stretched to the batch; that stays in the graph.
      const isStretched = tensor.op === broadcastToOp && hasState;
      if (isImages(tensor) || isStretched || inputs.some((x) => this.#active.has(x))) this.#active.add(tensor);
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
}

/** How often each tensor is read on the way to the last, which is read once more. */
export function countUses(order: readonly Tensor[], dependence: Dependence): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor): unknown => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const tensor of order) {
    if (passedOn(tensor) === tensor && dependence.isActive(tensor)) for (const x of tensor.inputs) count(passedOn(x));
  }
  count(passedOn(elementAt(order, -1)));
  return uses;
}

/** What a tensor is but for operations that pass numbers on. */
export function passedOn(tensor: Tensor): Tensor {
  let passed = tensor;
  while (passed.op === stopGradientOp) passed = elementAt(passed.inputs, 0);
  return passed;
}

/** A convolution or a linear layer by weights that are held. */
export interface WeightedOperation {
  readonly kind: "conv2d" | "linear";
  readonly x: Tensor;
  readonly weight: Tensor;
  /** Whether the weight is [inputs, outputs], as a matrix product has it. */
  readonly isTransposed: boolean;
  readonly bias: Tensor | undefined;
}

/** A convolution, a linear layer or a matrix product; `undefined` for another operation. */
export function weightedOf(
  { op, attributes, inputs, shape }: Tensor,
  dependence: Dependence,
): WeightedOperation | undefined {
  const [x, weight, bias] = inputs;
  if (!x || !weight || !dependence.isActive(x) || !dependence.isHeld(weight)) return undefined;
  if (bias && !dependence.isHeld(bias)) return undefined;
  if (op === conv2dOp) return { kind: "conv2d", x, weight, isTransposed: false, bias };
  if (op === linearOp) return { kind: "linear", x, weight, isTransposed: false, bias };
  if (op !== matmulOp || shape.length !== 2) return undefined;
  const { transposeA, transposeB } = attributes as Transposed;
  return transposeA ? undefined : { kind: "linear", x, weight, isTransposed: !transposeB, bias };
}

/** A sum, difference, product or quotient of x and numbers that do not depend on the images, one a channel or one for all. */
export interface PerChannelOperation {
  readonly tensor: Tensor;
  readonly x: Tensor;
  readonly numbers: Tensor;
  /** Whether x is the first operand. */
  readonly isFirst: boolean;
}

/** `undefined` for other operations, and for a division by x. */
export function perChannelOf(tensor: Tensor, dependence: Dependence): PerChannelOperation | undefined {
  const { op, inputs } = tensor;
  const [a, b] = inputs;
  if (!a || !b || dependence.isActive(a) === dependence.isActive(b)) return undefined;
  const isFirst = dependence.isActive(a);
  const [x, numbers] = isFirst ? [a, b] : [b, a];
  if (![addOp, subOp, mulOp].includes(op as typeof addOp) && !(op === divOp && isFirst)) return undefined;
  return isPerChannel(numbers.shape, x.shape) ? { tensor, x, numbers, isFirst } : undefined;
}

/** Whether `operand`, which stretches to x [N, C] or [N, C, H, W], has a number for each channel, or one for all. */
function isPerChannel(operand: Shape, x: Shape): boolean {
  if ((x.length !== 2 && x.length !== 4) || operand.length > x.length) return false;
  return operand.every((size, i) => {
    const axis = i + x.length - operand.length;
    return size === 1 || (axis === 1 && size === x[1]);
  });
}

/** ReLU, a clamp from 0, or a clamp of what ReLU gives. */
export function isActivation({ op, inputs }: Tensor): boolean {
  const [x, low, high] = inputs;
  if (op === reluOp) return true;
  if (!x || op !== clampOp || !low || !high || !isConstant(low) || !isConstant(high)) return false;
  const { value: least } = low.attributes;
  return least === 0 || (least < 0 && high.attributes.value >= 0 && passedOn(x).op === reluOp);
}

/** The paths of a network's states, the first of each. */
export function pathsOf(module: Module): ReadonlyMap<Tensor, string> {
  return new Map([...namedStates(module)].toReversed().map(([path, tensor]) => [tensor, path]));
}
