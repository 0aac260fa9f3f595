/** @file Adam. */
import { z } from "zod";
import { parseWith } from "../parse-with.ts";
import { add, div, mul, sqrt, sub } from "../tensor/index.ts";
import { learningRateAt, learningRateSchema, scalarInput, slotsFor, type Optimiser } from "./optimiser.ts";

const decay = z.number().min(0).lt(1);

/** Options of Adam, with PyTorch's defaults. */
export const adamOptions = z.strictObject({
  learningRate: learningRateSchema.default(1e-3).describe("size of a step: a number, or a function of the step"),
  betas: z
    .tuple([decay, decay])
    .default([0.9, 0.999])
    .describe("how much of the running means of g and g² a step keeps"),
  eps: z.number().nonnegative().default(1e-8).describe("added to the divisor"),
  weightDecay: z.number().nonnegative().default(0).describe("times the parameter, added to its gradient"),
});

export type AdamOptions = z.input<typeof adamOptions>;

/**
 * `torch.optim.Adam`, rounded in the order of its single-tensor path. With g the gradient plus weightDecay·p:
 *
 *     m ← β₁·m + (1 - β₁)·g          v ← β₂·v + (1 - β₂)·g²
 *     p ← p - rate / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + eps)
 *
 * The factors that depend on the step t are computed in float64 and given to each run. Throws ARGUMENT for wrong options.
 * Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
 */
export function adam(options: AdamOptions = {}): Optimiser {
  const parsed = parseWith(adamOptions, options, "ARGUMENT", "adam");
  const { learningRate, eps, weightDecay } = parsed;
  const [beta1, beta2] = parsed.betas;
  return {
    name: "adam",
    options: parsed,
    attach: (parameters) => {
      const means = slotsFor("exp_avg", parameters);
      const squares = slotsFor("exp_avg_sq", parameters);
      const stepSize = scalarInput("adam step size");
      const correction = scalarInput("adam correction");
      return {
        slots: new Map([...means, ...squares]),
        updates: (gradients) =>
          [...parameters.values()].flatMap(({ tensor: p }, i) => {
            const [, mean] = means[i]!;
            const [, meanSquare] = squares[i]!;
            const g = weightDecay === 0 ? gradients[i]! : add(gradients[i]!, mul(p, weightDecay));
            const m = add(mul(mean, beta1), mul(g, 1 - beta1));
            const v = add(mul(meanSquare, beta2), mul(mul(g, 1 - beta2), g));
            const divisor = add(div(sqrt(v), correction), eps);
            return [
              { state: mean, value: m },
              { state: meanSquare, value: v },
              { state: p, value: sub(p, div(mul(stepSize, m), divisor)) },
            ];
          }),
        scalars: (step) => ({
          "adam step size": Float32Array.of(learningRateAt(learningRate, step) / (1 - beta1 ** step)),
          "adam correction": Float32Array.of(Math.sqrt(1 - beta2 ** step)),
        }),
      };
    },
  };
}
