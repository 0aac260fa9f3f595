/**
 * @file Numbers as whole numbers would hold them. Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", 2018, https://arxiv.org/abs/1712.05877
 */
import { LimbeckError } from "../../errors.ts";
import type { Tensor } from "../tensor.ts";
import { add, clamp, div, mul, roundStraightThrough, sub } from "./elementwise.ts";

/** What whole numbers q from `least` to `most` stand for: scale·(q - zero). */
export interface FakeQuantizeOptions {
  /** Above 0; stretched along x: [O, 1, 1, 1] for one each output channel of a convolution's weights. */
  readonly scale: Tensor;
  /** Whole numbers, stretched likewise; 0 by default. */
  readonly zero?: Tensor;
  readonly least: number;
  readonly most: number;
}

/**
 * scale·(q - zero), with q = x / scale + zero rounded to the nearest, ties to the even number, and held between `least` and `most`:
 * PyTorch's `fake_quantize_per_tensor_affine` and `fake_quantize_per_channel_affine`.
 *
 * The gradient of x passes straight through where q is not held, and is 0 elsewhere. That of the scale is what Esser et al., "Learned Step
 * Size Quantization", 2020, https://arxiv.org/abs/1902.08153 take; stop it for a scale that is measured. Throws SHAPE, ARGUMENT.
 */
export function fakeQuantize(x: Tensor, options: FakeQuantizeOptions): Tensor {
  const { scale, zero, least, most } = options;
  if (!(Number.isInteger(least) && Number.isInteger(most) && least < most)) {
    throw new LimbeckError(
      "ARGUMENT",
      `fakeQuantize: least and most should be whole numbers, least below most, got ${least} and ${most}`,
    );
  }
  // NOTE: rounded before the zero is added, as PyTorch does: of ties, that decides.
  const rounded = roundStraightThrough(div(x, scale));
  const held = clamp(zero ? add(rounded, zero) : rounded, { min: least, max: most });
  return mul(zero ? sub(held, zero) : held, scale);
}
