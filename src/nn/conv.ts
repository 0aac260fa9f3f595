/** @file Layers with weights: convolutions and linear layers. */
import { LimbeckError } from "../errors.ts";
import { parameter, type Module, type Parameter } from "./module.ts";
import {
  conv2d as convolve,
  convTranspose2d as spread,
  linear as apply,
  sizeOf,
  type ConvOptions,
  type ConvTransposeOptions,
} from "../tensor/index.ts";
import { pair } from "../tensor/ops/conv.ts";

/** Stride 1, no padding, dilation 1 and one group by default; a number stands for both height and width. */
export interface Conv2dOptions extends ConvOptions {
  /** Whether a number is added to each output channel; true by default. */
  readonly bias?: boolean;
  /**
   * Whether the leading filters, as many as there are inputs, begin by passing each its own input on: PyTorch's `dirac_`. The others are
   * drawn as always. Of one group alone; false by default.
   */
  readonly dirac?: boolean;
}

/**
 * PyTorch's `nn.Conv2d`: x [N, inputs, H, W] to [N, outputs, H', W'].
 * `weight` [outputs, inputs / groups, KH, KW], `bias` [outputs].
 *
 * Throws ARGUMENT if the groups do not divide inputs and outputs, or are several with dirac.
 */
export function conv2d(
  inputs: number,
  outputs: number,
  kernel: number | readonly [number, number],
  settings: Conv2dOptions = {},
): Module {
  const { bias = true, dirac = false, ...options } = settings;
  const { groups = 1 } = options;
  checkGroups("conv2d", { inputs, outputs, groups });
  if (dirac && groups > 1) throw new LimbeckError("ARGUMENT", `conv2d: dirac is for one group, got ${groups}`);
  const shape = [outputs, inputs / groups, ...pair(kernel)] as const;
  const drawn = weightAndBias(shape, bias);
  const weight = dirac ? { ...drawn.weight, initial: passingOn(drawn.weight.initial, shape) } : drawn.weight;
  const parameters = { ...drawn, weight };
  return {
    parameters,
    forward: (x) => convolve(x, parameters.weight.tensor, parameters.bias?.tensor, options),
  };
}

/**
 * PyTorch's `nn.ConvTranspose2d`: x [N, inputs, H, W] to [N, outputs, H', W'] with H' = (H - 1)·stride - 2·padding +
 * dilation·(KH - 1) + 1 + outputPadding. `weight` [inputs, outputs / groups, KH, KW], `bias` [outputs].
 *
 * Throws ARGUMENT if the groups do not divide inputs and outputs.
 */
export function convTranspose2d(
  inputs: number,
  outputs: number,
  kernel: number | readonly [number, number],
  settings: ConvTransposeOptions & Pick<Conv2dOptions, "bias"> = {},
): Module {
  const { bias = true, ...options } = settings;
  const { groups = 1 } = options;
  checkGroups("convTranspose2d", { inputs, outputs, groups });
  const parameters = weightAndBias([inputs, outputs / groups, ...pair(kernel)], bias, outputs);
  return {
    parameters,
    forward: (x) => spread(x, parameters.weight.tensor, parameters.bias?.tensor, options),
  };
}

function checkGroups(
  layer: string,
  { inputs, outputs, groups }: { readonly inputs: number; readonly outputs: number; readonly groups: number },
): void {
  if (inputs % groups === 0 && outputs % groups === 0) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${layer}: the number of groups should divide ${inputs} inputs and ${outputs} outputs, got ${groups}`,
  );
}

/** PyTorch's `nn.Linear`: x [N, inputs] to [N, outputs]. `weight` [outputs, inputs], `bias` [outputs]. */
export function linear(inputs: number, outputs: number, options: { readonly bias?: boolean } = {}): Module {
  const { bias = true } = options;
  const parameters = weightAndBias([outputs, inputs], bias);
  return { parameters, forward: (x) => apply(x, parameters.weight.tensor, parameters.bias?.tensor) };
}

/**
 * The weight and, if wanted, the bias of a convolution or linear layer, weight first. Both are uniform within
 * 1/√fanIn, where fanIn is the number of inputs that one output sums.
 *
 * PyTorch gets there by `kaiming_uniform_(weight, a=√5)`; He et al., "Delving Deep into Rectifiers", 2015.
 */
function weightAndBias(
  shape: readonly [number, ...number[]],
  bias: boolean,
  outputs: number = shape[0],
): { readonly weight: Parameter; readonly bias?: Parameter } {
  // NOTE: so PyTorch has it for transposed layers too, whose weights begin with the inputs.
  const fanIn = sizeOf(shape) / shape[0];
  // NOTE: PyTorch's own steps, because 1 / √fanIn may round to another float32.
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2));
  const weight = parameter("weight", shape, within(sizeOf(shape), Math.sqrt(3) * (gain / Math.sqrt(fanIn))));
  return bias ? { weight, bias: parameter("bias", [outputs], within(outputs, 1 / Math.sqrt(fanIn))) } : { weight };
}

/** Filter i < inputs as 1 at the middle of input i and 0 elsewhere, the others as they are drawn. */
function passingOn(
  initial: Parameter["initial"],
  [outputs, inputs, height, width]: readonly [number, number, number, number],
): Parameter["initial"] {
  const area = height * width;
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  return (random) => {
    const values = initial(random);
    const count = Math.min(inputs, outputs);
    values.fill(0, 0, count * inputs * area);
    for (let i = 0; i < count; i++) values[(i * inputs + i) * area + middle] = 1;
    return values;
  };
}

/** Uniform from -bound to bound. */
export function within(count: number, bound: number): Parameter["initial"] {
  return (random) => random.uniform(count, -bound, bound);
}
