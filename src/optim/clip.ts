/** @file Gradient clipping. */
import { LimbeckError } from "../errors.ts";
import { add, div, mul, relu, sqrt, square, sub, sum, type Tensor } from "../tensor/index.ts";
import { largestRate, type Optimiser } from "./optimiser.ts";

/**
 * An optimiser whose gradients are all shortened alike where their common length is above `maxNorm`, as PyTorch's
 * `clip_grad_norm_`: g ← g · min(1, maxNorm / (√Σ g² + 1e-6)), the sum over every element of every gradient.
 *
 * Throws ARGUMENT unless maxNorm is a number above 0, and float32 can hold it.
 */
export function clipped(optimiser: Optimiser, maxNorm: number): Optimiser {
  if (!(maxNorm > 0 && maxNorm <= largestRate)) {
    throw new LimbeckError(
      "ARGUMENT",
      `clipped: the largest norm should be a number above 0, up to ${largestRate}, got ${maxNorm}`,
    );
  }
  return {
    ...optimiser,
    options: { ...optimiser.options, clip: maxNorm },
    withConstantRate: (steps) => clipped(optimiser.withConstantRate(steps), maxNorm),
    attach: (parameters, as) => {
      const attached = optimiser.attach(parameters, as);
      return {
        ...attached,
        updates: (gradients, perLoss) => {
          const flowing = gradients.filter((g) => g !== null);
          if (flowing.length === 0) return attached.updates(gradients, perLoss);
          const factor = shortening(flowing, maxNorm);
          const shortened = (g: Tensor | null): Tensor | null => g && mul(g, factor);
          return attached.updates(
            gradients.map(shortened),
            perLoss && { task: perLoss.task.map(shortened), distillation: perLoss.distillation.map(shortened) },
          );
        },
      };
    },
  };
}

/** min(1, maxNorm / (norm + 1e-6)), as maxNorm / max(maxNorm, norm + 1e-6), which is exactly 1 where nothing is too long. */
function shortening(gradients: readonly Tensor[], maxNorm: number): Tensor {
  const norm = sqrt(gradients.map((g) => sum(square(g))).reduce((total, part) => add(total, part)));
  return div(maxNorm, add(relu(sub(add(norm, 1e-6), maxNorm)), maxNorm));
}
