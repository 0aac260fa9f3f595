/** @file Which results of a graph cannot be below 0. */
import { topologicalOrder } from "./graph.ts";
import { reshapeOp } from "./ops/broadcast.ts";
import { channelShuffleOp, concatOp, permuteOp, sliceOp } from "./ops/data-movement.ts";
import { addOp, clampOp, reluOp, stopGradientOp } from "./ops/elementwise.ts";
import { avgPool2dOp, maxPool2dOp } from "./ops/pool.ts";
import { isConstant, type Tensor } from "./tensor.ts";

/** What gives nothing below 0 of inputs that are not. */
const keeping: ReadonlySet<unknown> = new Set([
  addOp,
  avgPool2dOp,
  channelShuffleOp,
  concatOp,
  maxPool2dOp,
  permuteOp,
  reshapeOp,
  sliceOp,
  stopGradientOp,
]);

/** Of the tensors that the output needs, those that activations keep at 0 or above, whatever the inputs and weights are. */
export function nonNegatives(output: Tensor): ReadonlySet<Tensor> {
  const found = new Set<Tensor>();
  for (const tensor of topologicalOrder([output])) {
    const { op, inputs } = tensor;
    const [x, low] = inputs;
    const isHeld = x && low && (found.has(x) || (isConstant(low) && low.attributes.value >= 0));
    if (op === reluOp || (op === clampOp && isHeld) || (keeping.has(op) && inputs.every((each) => found.has(each))))
      found.add(tensor);
  }
  return found;
}
