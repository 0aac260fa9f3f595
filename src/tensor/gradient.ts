/** @file Reverse-mode differentiation: a graph in, a larger graph out. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { topologicalOrder } from "./graph.ts";
import { add, stopGradientOp } from "./ops/elementwise.ts";
import { broadcastTo } from "./ops/broadcast.ts";
import { formatShape } from "./shape.ts";
import { constant, type Tensor } from "./tensor.ts";

/**
 * dL/dx for each `x` of `wrt`, as tensors that extend the loss's graph; zeros where the loss does not depend on it.
 *
 * Throws SHAPE if the loss is no scalar, NOT_DIFFERENTIABLE if a path from the loss to an `x` leads through an
 * operation without a gradient.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return gradientsOrNull(loss, wrt).map((gradient, i) => gradient ?? broadcastTo(constant(0), elementAt(wrt, i).shape));
}

/** The same, with `null` where no gradient flows from the loss, as PyTorch's `grad(allow_unused=True)`. */
export function gradientsOrNull(loss: Tensor, wrt: readonly Tensor[]): (Tensor | null)[] {
  if (loss.shape.length > 0) {
    throw new LimbeckError(
      "SHAPE",
      `gradients: the loss should be a scalar, got ${formatShape(loss.shape)}; take its sum or mean first`,
    );
  }
  const order = topologicalOrder([loss]);
  const sought = new Set(wrt);
  const reaches = new Set<Tensor>();
  for (const tensor of order) {
    if (sought.has(tensor) || (passesOn(tensor) && tensor.inputs.some((x) => reaches.has(x)))) reaches.add(tensor);
  }
  const gradientOf = new Map<Tensor, Tensor>([[loss, constant(1)]]);
  for (const tensor of order.toReversed()) {
    const outputGradient = gradientOf.get(tensor);
    if (!outputGradient || !passesOn(tensor) || !tensor.inputs.some((x) => reaches.has(x))) continue;
    if (!tensor.op.gradient) {
      throw new LimbeckError(
        "NOT_DIFFERENTIABLE",
        `gradients: the loss depends on a parameter through ${tensor.op.name}, which has no gradient`,
      );
    }
    for (const [i, inputGradient] of tensor.op.gradient(tensor, outputGradient).entries()) {
      const x = elementAt(tensor.inputs, i);
      if (!inputGradient || !reaches.has(x)) continue;
      const sum = gradientOf.get(x);
      gradientOf.set(x, sum ? add(sum, inputGradient) : inputGradient);
    }
  }
  return wrt.map((x) => gradientOf.get(x) ?? null);
}

function passesOn({ op }: Tensor): boolean {
  return op !== stopGradientOp;
}
