/** @file Logit standardisation: methods on logits may compare their shape alone, not their mean and spread. */
import { add, div, mean, mul, sqrt, square, sub, sum, type Tensor } from "../../tensor/index.ts";
import { flag, type Option } from "../option.ts";

/** The option of every method on logits. */
export const standardiseOption: Option<boolean> = flag(
  false,
  "whether both networks' logits are standardised first, image by image; the temperature then divides these",
);

/** The logits as a method with this option takes them. */
export function standardisedIf(standardise: boolean, logits: Tensor): Tensor {
  return standardise ? standardised(logits) : logits;
}

/**
 * (z - mean) / (σ + 1e-7) over each row's classes, where σ is the unbiased deviation: z [N, C]. A row without any spread
 * becomes zeros.
 *
 * Sun, Ren, Li, Wang, Cao: Logit Standardization in Knowledge Distillation, 2024. https://arxiv.org/abs/2403.01427
 */
export function standardised(logits: Tensor): Tensor {
  const classes = logits.shape[1]!;
  const centred = sub(logits, mean(logits, { axes: [1], keepDims: true }));
  const variance = mul(sum(square(centred), { axes: [1], keepDims: true }), 1 / (classes - 1)); // [N, 1]
  // NOTE: so small a number changes no other row, and keeps the root's gradient finite at 0.
  const deviation = sqrt(add(variance, 1e-14));
  return div(centred, add(deviation, 1e-7));
}
