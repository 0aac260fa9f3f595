/** @file What a network costs to run, in the products that it adds up. */
import { aShape, checkArguments } from "../arguments.ts";
import { input, topologicalOrder, type Shape, type Tensor } from "../tensor/index.ts";
import { conv2dOp } from "../tensor/ops/conv.ts";
import { linearOp, matmulOp, type Transposed } from "../tensor/ops/matmul.ts";
import type { Module } from "./module.ts";
import { record } from "./pass.ts";

/**
 * Multiply-adds of one image's forward pass in evaluation: those of convolutions, linear layers and matrix products, the border's
 * zeros counted as PyTorch's counters do. Biases, norms, pools and activations are not counted. `inputShape` is an image's,
 * [C, H, W]. Throws what the network throws for images of that shape.
 */
export function countMultiplyAdds(module: Module, inputShape: Shape): number {
  checkArguments("countMultiplyAdds", { inputShape: [inputShape, aShape] });
  const { output } = record(module, input("image", [1, ...inputShape]), { training: false });
  return topologicalOrder([output]).reduce((total, node) => total + node.size * termsOf(node), 0);
}

/** How many products each element of a node's result sums. */
function termsOf({ op, inputs, attributes }: Tensor): number {
  if (op === conv2dOp) return inputs[1]!.size / inputs[1]!.shape[0]!;
  if (op === linearOp) return inputs[1]!.shape[1]!;
  if (op === matmulOp) return inputs[0]!.shape.at((attributes as Transposed).transposeA ? -2 : -1)!;
  return 0;
}
