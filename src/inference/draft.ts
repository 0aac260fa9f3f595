/** @file What a network's operations become: those that are kept, layers with what follows them per channel, and what follows none. */
import { elementAt, valueAt } from "../elements.ts";
import { isConstant, type Tensor } from "../tensor/index.ts";
import { clampOp, reluOp } from "../tensor/ops/elementwise.ts";
import type { Constants } from "./constants.ts";
import { countUses, passedOn, perChannelOf, weightedOf } from "./operations.ts";
import { followed, perChannelBy, unchanged, type PerChannel } from "./per-channel.ts";

/** A node of the folded graph. `at` is the place, in the recording, of the tensor that it computes or takes its attributes from. */
export type Draft = Leaf | Kept | Layer | Affine | Clamp | Held;

/** The images, and numbers that stand in the graph: as the recording has them. */
export interface Leaf {
  readonly kind: "leaf";
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
  readonly bias: Tensor | undefined;
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
    if (!constants.isActive(tensor) || tensor.inputs.length === 0) return { kind: "leaf", at, inputs: [] };
    const weighted = weightedOf(tensor, constants);
    if (weighted) {
      return { ...weighted, at, inputs: [of(weighted.x)], after: unchanged(tensor.shape[1] ?? 1) };
    }
    const operation = perChannelOf(tensor, constants);
    const after = operation && perChannelBy(operation, constants.numbersOf(operation.numbers));
    if (after) return affine(at, operation.x, after, operation.numbers);
    const clamped = clampOf(tensor);
    // What else reads the numbers from 0 reads them as they are.
    if (clamped && uses.get(clamped.rectified) === 1)
      return { kind: "clamp", at, inputs: [of(elementAt(clamped.rectified.inputs, 0))], max: clamped.max };
    return { kind: "kept", at, inputs: tensor.inputs.map(of) };
  };
  for (const [at, tensor] of order.entries()) {
    if (passedOn(tensor) === tensor) drafts.set(tensor, drafted(tensor, at));
  }
  return of(elementAt(order, -1));
}

/** clamp(relu(x)), which does not hold it above 0: one clamp from 0. */
function clampOf({ op, inputs }: Tensor): { readonly rectified: Tensor; readonly max: number } | undefined {
  const [clamped, low, high] = inputs;
  if (op !== clampOp || !clamped || !low || !high || !isConstant(low) || !isConstant(high)) return undefined;
  const rectified = passedOn(clamped);
  const { value: max } = high.attributes;
  return rectified.op === reluOp && low.attributes.value <= 0 && max >= 0 ? { rectified, max } : undefined;
}
