/** @file What a network's operations become: those that are kept, layers with what follows them per channel, and what follows none. */
import { elementAt, valueAt } from "../elements.ts";
import { isConstant, type Tensor } from "../tensor/index.ts";
import { conv2dOp } from "../tensor/ops/conv.ts";
import { clampOp, reluOp, stopGradientOp } from "../tensor/ops/elementwise.ts";
import { linearOp, matmulOp, type Transposed } from "../tensor/ops/matmul.ts";
import type { Constants } from "./constants.ts";
import { followed, isPerChannel, perChannelOf, unchanged, type PerChannel } from "./per-channel.ts";

/** A node of the folded graph. `at` is the place, in the recording, of the tensor that it computes or takes its attributes from. */
export type Draft = Given | Kept | Layer | Affine | Clamp | Held;

/** The images, and numbers that stand in the graph: as the recording has them. */
export interface Given {
  readonly kind: "given";
  readonly at: number;
  readonly inputs: readonly [];
}

/** An operation as it is. */
export interface Kept {
  readonly kind: "kept";
  readonly at: number;
  readonly inputs: readonly Draft[];
}

/** conv2d, or linear, and then `after`. */
export interface Layer {
  readonly kind: "conv2d" | "linear";
  readonly at: number;
  readonly inputs: readonly [x: Draft];
  readonly weight: Tensor;
  /** Whether the weight is [inputs, outputs], as a matrix product has it. */
  readonly isTransposed: boolean;
  readonly bias?: Tensor;
  readonly after: PerChannel;
}

/** `after` by itself. `of`: what its numbers come from. */
export interface Affine {
  readonly kind: "affine";
  readonly at: number;
  readonly inputs: readonly [x: Draft];
  readonly of: Tensor;
  readonly after: PerChannel;
  /** x is [N, C] or [N, C, H, W]. */
  readonly rank: 2 | 4;
}

/** x held between 0 and `max`. */
export interface Clamp {
  readonly kind: "clamp";
  readonly at: number;
  readonly inputs: readonly [x: Draft];
  readonly max: number;
}

/** Numbers made of states alone. */
export interface Held {
  readonly kind: "held";
  readonly at: number;
  readonly inputs: readonly [];
  readonly of: Tensor;
}

/** The draft of the last tensor of a recording. */
export function draftOf(order: readonly Tensor[], constants: Constants): Draft {
  const uses = countUses(order, constants);
  const drafts = new Map<Tensor, Draft>();
  const of = (tensor: Tensor): Draft => valueAt(drafts, passedOn(tensor));
  const affine = (at: number, x: Tensor, after: PerChannel, numbers: Tensor): Draft => {
    const before = of(x);
    const isOwn = uses.get(passedOn(x)) === 1;
    if (isOwn && "after" in before) return { ...before, after: followed(before.after, after) };
    return { kind: "affine", at, inputs: [before], of: numbers, after, rank: x.shape.length === 4 ? 4 : 2 };
  };
  const drafted = (tensor: Tensor, at: number): Draft => {
    if (constants.isHeld(tensor)) return { kind: "held", at, inputs: [], of: tensor };
    if (!constants.isActive(tensor) || tensor.inputs.length === 0) return { kind: "given", at, inputs: [] };
    const [x, second] = tensor.inputs;
    const layer = layerOf(tensor, at, constants, of);
    if (layer) return layer;
    if (x && second) {
      for (const [each, numbers, isFirst] of [
        [x, second, true],
        [second, x, false],
      ] as const) {
        if (constants.isActive(numbers) || !isPerChannel(numbers.shape, each.shape)) continue;
        const after = perChannelOf(tensor, constants.numbersOf(numbers), isFirst);
        if (after) return affine(at, each, after, numbers);
      }
    }
    const clamped = clampOf(tensor);
    if (clamped) return { kind: "clamp", at, inputs: [of(clamped.x)], max: clamped.max };
    return { kind: "kept", at, inputs: tensor.inputs.map(of) };
  };
  for (const [at, tensor] of order.entries()) {
    if (passedOn(tensor) === tensor) drafts.set(tensor, drafted(tensor, at));
  }
  return of(elementAt(order, -1));
}

/** What a tensor is but for operations that pass numbers on. */
function passedOn(tensor: Tensor): Tensor {
  let passed = tensor;
  while (passed.op === stopGradientOp) passed = elementAt(passed.inputs, 0);
  return passed;
}

/** How often each is taken, once more for the logits. */
function countUses(order: readonly Tensor[], constants: Constants): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor): unknown => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const tensor of order) {
    if (passedOn(tensor) === tensor && constants.isActive(tensor)) for (const x of tensor.inputs) count(passedOn(x));
  }
  count(passedOn(elementAt(order, -1)));
  return uses;
}

/** A convolution, a linear layer or a matrix product by weights that are held. */
function layerOf(tensor: Tensor, at: number, constants: Constants, of: (tensor: Tensor) => Draft): Layer | undefined {
  const { op, attributes, inputs, shape } = tensor;
  const [x, weight, bias] = inputs;
  if (!x || !weight || !constants.isHeld(weight) || (bias && !constants.isHeld(bias))) return undefined;
  const after = unchanged(shape[1] ?? 1);
  const common = { at, inputs: [of(x)], weight, ...(bias && { bias }), after } as const;
  if (op === conv2dOp) return { kind: "conv2d", isTransposed: false, ...common };
  if (op === linearOp) return { kind: "linear", isTransposed: false, ...common };
  if (op !== matmulOp || shape.length !== 2) return undefined;
  const { transposeA, transposeB } = attributes as Transposed;
  return transposeA ? undefined : { kind: "linear", isTransposed: !transposeB, ...common };
}

/** clamp(relu(x)), which does not hold it above 0, as one clamp from 0. */
function clampOf({ op, inputs }: Tensor): { readonly x: Tensor; readonly max: number } | undefined {
  const [clamped, low, high] = inputs;
  if (op !== clampOp || !clamped || !low || !high || !isConstant(low) || !isConstant(high)) return undefined;
  const { op: before, inputs: rectified } = passedOn(clamped);
  const { value: max } = high.attributes;
  return before === reluOp && low.attributes.value <= 0 && max >= 0 ? { x: elementAt(rectified, 0), max } : undefined;
}
