/** @file First values of weights and biases, as PyTorch's constructors draw them. */
import { sizeOf, type Shape } from "../tensor/index.ts";
import { parameter, type Parameter } from "./module.ts";

/**
 * The weight and, if wanted, the bias of a convolution or linear layer, weight first. Both are uniform within
 * 1/√fanIn, where fanIn is the number of inputs that one output sums.
 *
 * PyTorch gets there by `kaiming_uniform_(weight, a=√5)`; He et al., "Delving Deep into Rectifiers", 2015.
 */
export function weightAndBias(
  shape: Shape,
  bias: boolean,
  outputs: number = shape[0]!,
): { readonly weight: Parameter; readonly bias?: Parameter } {
  // NOTE: so PyTorch has it for transposed layers too, whose weights begin with the inputs.
  const fanIn = sizeOf(shape) / shape[0]!;
  // NOTE: PyTorch's own steps, because 1 / √fanIn may round to another float32.
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2));
  const weight = parameter("weight", shape, within(sizeOf(shape), Math.sqrt(3) * (gain / Math.sqrt(fanIn))));
  return bias ? { weight, bias: parameter("bias", [outputs], within(outputs, 1 / Math.sqrt(fanIn))) } : { weight };
}

function within(count: number, bound: number): Parameter["initial"] {
  return (random) => random.uniform(count, -bound, bound);
}
