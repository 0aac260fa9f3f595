/** @file Stochastic gradient descent. */
import { z } from "zod";
import { parseWith } from "../parse-with.ts";
import { add, mul, sub, type Tensor, type Update } from "../tensor/index.ts";
import { learningRateAt, learningRateSchema, scalarInput, slotsFor, type Optimiser } from "./optimiser.ts";

/** Options of SGD, with PyTorch's defaults and restrictions. */
export const sgdOptions = z
  .strictObject({
    learningRate: learningRateSchema.default(1e-3).describe("size of a step: a number, or a function of the step"),
    momentum: z.number().nonnegative().default(0).describe("how much of the last step's direction a step keeps"),
    dampening: z.number().default(0).describe("1 - the weight of the gradient in that direction"),
    nesterov: z.boolean().default(false).describe("whether to look ahead along the direction"),
    weightDecay: z.number().nonnegative().default(0).describe("times the parameter, added to its gradient"),
  })
  .refine(({ nesterov, momentum, dampening }) => !nesterov || (momentum > 0 && dampening === 0), {
    path: ["nesterov"],
    message: "needs a momentum above 0 and no dampening",
  });

export type SgdOptions = z.input<typeof sgdOptions>;

/**
 * `torch.optim.SGD`. With g the gradient plus weightDecay·p, and b the momentum buffer:
 *
 *     b ← g at the first step, momentum·b + (1 - dampening)·g afterwards
 *     p ← p - rate·d, where d = g without momentum, g + momentum·b with nesterov, b otherwise
 *
 * Throws ARGUMENT for wrong options. Sutskever et al., "On the importance of initialization and momentum", 2013.
 */
export function sgd(options: SgdOptions = {}): Optimiser {
  const parsed = parseWith(sgdOptions, options, "ARGUMENT", "sgd");
  const { learningRate, momentum, dampening, nesterov, weightDecay } = parsed;
  return {
    name: "sgd",
    options: parsed,
    attach: (parameters) => {
      const buffers = momentum === 0 ? [] : slotsFor("momentum_buffer", parameters);
      const stepSize = scalarInput("sgd step size");
      // The buffer is zero at the first step, so momentum·b + share·g is g if the share is 1 then.
      const share = scalarInput("sgd gradient share");
      const damped = momentum !== 0 && dampening !== 0;
      const updatesOf = (p: Tensor, gradient: Tensor, buffer: Tensor | undefined): Update[] => {
        const g = weightDecay === 0 ? gradient : add(gradient, mul(p, weightDecay));
        if (!buffer) return [{ state: p, value: sub(p, mul(stepSize, g)) }];
        const b = add(mul(buffer, momentum), damped ? mul(g, share) : g);
        const direction = nesterov ? add(g, mul(b, momentum)) : b;
        return [
          { state: buffer, value: b },
          { state: p, value: sub(p, mul(stepSize, direction)) },
        ];
      };
      return {
        slots: new Map(buffers),
        updates: (gradients) =>
          [...parameters.values()].flatMap(({ tensor }, i) => updatesOf(tensor, gradients[i]!, buffers[i]?.[1])),
        scalars: (step) => ({
          "sgd step size": Float32Array.of(learningRateAt(learningRate, step)),
          ...(damped && { "sgd gradient share": Float32Array.of(step === 1 ? 1 : 1 - dampening) }),
        }),
      };
    },
  };
}
