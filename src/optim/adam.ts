/** @file Adam, and AdamW, which differs in how weights decay. */
import * as z from "zod/mini";
import { parseWith } from "../parse-with.ts";
import { add, div, mul, sqrt, sub, type Update } from "../tensor/index.ts";
import {
  amount,
  largestAt,
  option,
  rate,
  scheduled,
  scheduledInput,
  slotsFor,
  valueAt,
  type Optimiser,
} from "./optimiser.ts";

const decay = z.number().check(z.gte(0), z.lt(1));
const options = {
  learningRate: option(scheduled(rate), 1e-3, "size of a step"),
  betas: option(
    z.tuple([scheduled(decay), decay]),
    [0.9, 0.999],
    "how much of the running means of g and g² a step keeps",
  ),
  eps: option(amount, 1e-8, "added to the divisor"),
};

/** Options of Adam, with PyTorch's defaults. */
export const adamOptions = z.strictObject({
  ...options,
  weightDecay: option(amount, 0, "times the parameter, added to its gradient"),
});

/** Options of AdamW, with PyTorch's defaults. */
export const adamWOptions = z.strictObject({
  ...options,
  weightDecay: option(amount, 0.01, "times the rate, what a step takes off a parameter"),
});

export type AdamOptions = z.input<typeof adamOptions>;
export type AdamWOptions = z.input<typeof adamWOptions>;

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
  return {
    name: "adam",
    options: parsed,
    attach: attach("adam", parsed, false),
    withConstantRate: (steps) => adam(atLargestRate(parsed, steps)),
  };
}

/**
 * `torch.optim.AdamW`: as Adam with g the gradient alone, and p·(1 - rate·weightDecay) in the place of the old p.
 *
 * Throws ARGUMENT for wrong options. Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
 */
export function adamW(options: AdamWOptions = {}): Optimiser {
  const parsed = parseWith(adamWOptions, options, "ARGUMENT", "adamw");
  return {
    name: "adamw",
    options: parsed,
    attach: attach("adamw", parsed, true),
    withConstantRate: (steps) => adamW(atLargestRate(parsed, steps)),
  };
}

function atLargestRate(options: z.output<typeof adamOptions>, steps: number): z.output<typeof adamOptions> {
  const { learningRate, betas } = options;
  const step = largestAt(learningRate, steps);
  return { ...options, learningRate: valueAt(learningRate, step), betas: [valueAt(betas[0], step), betas[1]] };
}

function attach(
  name: string,
  { learningRate, eps, weightDecay, betas: [beta1, beta2] }: z.output<typeof adamOptions>,
  isDecoupled: boolean,
): Optimiser["attach"] {
  return (parameters, as = name) => {
    const { named, each } = slotsFor(parameters, ["exp_avg", "exp_avg_sq"]);
    const rateAt = (step: number): number => valueAt(learningRate, step);
    const beta1At = (step: number): number => valueAt(beta1, step);
    const stepSize = scheduledInput(`${as} step size`, (step) => rateAt(step) / (1 - beta1At(step) ** step));
    const correction = scheduledInput(`${as} correction`, (step) => Math.sqrt(1 - beta2 ** step));
    const keep = scheduledInput(`${as} keep`, (step) => 1 - rateAt(step) * weightDecay);
    const beta = scheduledInput(`${as} beta1`, beta1At);
    const rest = scheduledInput(`${as} 1 - beta1`, (step) => 1 - beta1At(step));
    const isFixed = typeof beta1 === "number";
    const [old, fresh] = isFixed ? [beta1, 1 - beta1] : [beta.symbol, rest.symbol];
    return {
      slots: named,
      updates: (gradients) =>
        each.flatMap(({ parameter, slots: { exp_avg: mean, exp_avg_sq: meanSquare } }, i): Update[] => {
          const gradient = gradients[i];
          if (!gradient) return [];
          const decays = weightDecay !== 0;
          const p = decays && isDecoupled ? mul(parameter, keep.symbol) : parameter;
          const g = decays && !isDecoupled ? add(gradient, mul(parameter, weightDecay)) : gradient;
          const m = add(mul(mean, old), mul(g, fresh));
          const v = add(mul(meanSquare, beta2), mul(mul(g, 1 - beta2), g));
          const divisor = add(div(sqrt(v), correction.symbol), eps);
          return [
            { state: mean, value: m },
            { state: meanSquare, value: v },
            { state: parameter, value: sub(p, div(mul(stepSize.symbol, m), divisor)) },
          ];
        }),
      scalars: [
        stepSize,
        correction,
        ...(isDecoupled && weightDecay !== 0 ? [keep] : []),
        ...(isFixed ? [] : [beta, rest]),
      ],
    };
  };
}
