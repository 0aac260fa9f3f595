/** @file Stochastic gradient descent. */
import * as z from "zod/mini";
import { parseWith } from "../parse-with.ts";
import { add, mul, sub, type Tensor, type Update } from "../tensor/index.ts";
import { attachDot } from "./dot.ts";
import {
  amount,
  largestAt,
  largestOption,
  option,
  rate,
  scheduledInput,
  scheduled,
  slotsFor,
  valueAt,
  type Optimiser,
} from "./optimiser.ts";

/** Options of SGD, with PyTorch's defaults and restrictions. */
export const sgdOptions = z
  .strictObject({
    learningRate: option(scheduled(rate), 1e-3, "size of a step"),
    momentum: option(scheduled(amount), 0, "how much of the last step's direction a step keeps"),
    dampening: option(
      z.number().check(z.gte(-largestOption), z.lte(largestOption)),
      0,
      "1 - the weight of the gradient in that direction",
    ),
    nesterov: option(z.boolean(), false, "whether to look ahead along the direction"),
    weightDecay: option(amount, 0, "times the parameter, added to its gradient"),
    momentumGap: option(
      z.number().check(z.nonnegative()),
      0,
      "above 0, the task keeps so much less momentum, and distillation so much more (DOT)",
    ),
  })
  .check(
    z.refine(({ nesterov, momentum, dampening }) => !nesterov || (momentum !== 0 && dampening === 0), {
      path: ["nesterov"],
      message: "needs a momentum above 0 and no dampening",
    }),
    z.refine(({ momentumGap, momentum }) => typeof momentum === "function" || momentumGap <= momentum, {
      path: ["momentumGap"],
      message: "should be no more than the momentum, from which it is taken",
    }),
    z.refine(({ momentumGap, momentum }) => momentumGap === 0 || valueAt(momentum, 1) + momentumGap < 1, {
      path: ["momentumGap"],
      message: "should leave the momentum below 1 when added to it",
    }),
    z.refine(({ momentumGap, nesterov, dampening }) => momentumGap === 0 || (!nesterov && dampening === 0), {
      path: ["momentumGap"],
      message: "goes with neither nesterov nor dampening",
    }),
  );

export type SgdOptions = z.input<typeof sgdOptions>;

/**
 * `torch.optim.SGD`. With g the gradient plus weightDecay·p, and b the momentum buffer:
 *
 *     b ← g at the first step, momentum·b + (1 - dampening)·g afterwards
 *     p ← p - rate·d, where d = g without momentum, g + momentum·b with nesterov, b otherwise
 *
 * Throws ARGUMENT for wrong options. Sutskever et al., "On the importance of initialization and momentum", 2013.
 * With a `momentumGap`, see dot.ts.
 */
export function sgd(options: SgdOptions = {}): Optimiser {
  const parsed = parseWith(sgdOptions, options, "ARGUMENT", "sgd");
  const { learningRate, momentum, momentumGap } = parsed;
  const withConstantRate = (steps: number): Optimiser => {
    const step = largestAt(learningRate, steps);
    return sgd({ ...parsed, learningRate: valueAt(learningRate, step), momentum: valueAt(momentum, step) });
  };
  return {
    name: "sgd",
    options: parsed,
    attach: momentumGap > 0 ? attachDot(parsed) : attach(parsed),
    withConstantRate,
  };
}

function attach({
  learningRate,
  momentum,
  dampening,
  nesterov,
  weightDecay,
}: z.output<typeof sgdOptions>): Optimiser["attach"] {
  return (parameters, as = "sgd") => {
    const momenta = momentum === 0 ? undefined : slotsFor(parameters, ["momentum_buffer"]);
    const rateInput = scheduledInput(`${as} learning rate`, (step) => valueAt(learningRate, step));
    // The buffer is zero at the first step, so momentum·b + share·g is g if the share is 1 then.
    const share = scheduledInput(`${as} gradient share`, (step) => (step === 1 ? 1 : 1 - dampening));
    const isFixed = typeof momentum === "number";
    const scheduledMomentum = scheduledInput(`${as} momentum`, (step) => valueAt(momentum, step));
    const factor = isFixed ? momentum : scheduledMomentum.symbol;
    const damped = momentum !== 0 && dampening !== 0;
    const updatesOf = (p: Tensor, gradient: Tensor, buffer: Tensor | undefined): Update[] => {
      const g = weightDecay === 0 ? gradient : add(gradient, mul(p, weightDecay));
      if (!buffer) return [{ state: p, value: sub(p, mul(rateInput.symbol, g)) }];
      const b = add(mul(buffer, factor), damped ? mul(g, share.symbol) : g);
      const direction = nesterov ? add(g, mul(b, factor)) : b;
      return [
        { state: buffer, value: b },
        { state: p, value: sub(p, mul(rateInput.symbol, direction)) },
      ];
    };
    return {
      slots: momenta?.named ?? new Map(),
      updates: (gradients) =>
        [...parameters.values()].flatMap(({ tensor }, i) => {
          const gradient = gradients[i];
          return gradient ? updatesOf(tensor, gradient, momenta?.each[i]?.slots.momentum_buffer) : [];
        }),
      scalars: [rateInput, ...(damped ? [share] : []), ...(isFixed ? [] : [scheduledMomentum])],
    };
  };
}
