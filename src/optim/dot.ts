/** @file DOT: SGD with one momentum for the task's gradients and a larger one for the distillation's. */
import { LimbeckError } from "../errors.ts";
import { add, mul, sub, type Tensor, type Update } from "../tensor/index.ts";
import { scheduledInput, slotsFor, valueAt, type Optimiser, type Scheduled } from "./optimiser.ts";

export interface DotOptions {
  readonly learningRate: Scheduled;
  readonly momentum: Scheduled;
  /** Δ */
  readonly momentumGap: number;
  readonly weightDecay: number;
}

/**
 * SGD with two momentum buffers, a of the task's gradient (plus weightDecay·p) and b of distillation's:
 *
 *     a ← (momentum - Δ)·a + g_task        b ← (momentum + Δ)·b + g_distillation        p ← p - rate·a - rate·b
 *
 * A parameter that only one of the losses depends on has one buffer with the plain momentum, and decays; one that none depends
 * on stays as it is.
 *
 * Zhao, Cui, Song, Liang, "DOT: A Distillation-Oriented Trainer", 2023, https://arxiv.org/abs/2307.08436
 */
export function attachDot({ learningRate, momentum, momentumGap, weightDecay }: DotOptions): Optimiser["attach"] {
  return (parameters, as = "sgd") => {
    const { named, each } = slotsFor(parameters, ["momentum_buffer", "momentum_kd_buffer"]);
    const rateInput = scheduledInput(`${as} learning rate`, (step) => valueAt(learningRate, step));
    const scheduledMomentum = scheduledInput(`${as} momentum`, (step) =>
      checkGap(valueAt(momentum, step), momentumGap, step),
    );
    const plain = scheduledMomentum.symbol;
    const [less, more] = [sub(plain, momentumGap), add(plain, momentumGap)];
    return {
      slots: named,
      needsPerLossGradients: true,
      updates: (gradients, perLoss) => {
        if (!perLoss)
          throw new LimbeckError(
            "ARGUMENT",
            "sgd: a momentumGap needs the gradients of each loss, task and distillation",
          );
        return each.flatMap(({ parameter: p, slots: { momentum_buffer: a, momentum_kd_buffer: b } }, i): Update[] => {
          const [task, distillation] = [perLoss.task[i], perLoss.distillation[i]];
          const decayed = (g: Tensor): Tensor => (weightDecay === 0 ? g : add(g, mul(p, weightDecay)));
          const step = (x: Tensor, direction: Tensor): Tensor => sub(x, mul(rateInput.symbol, direction));
          const whole = gradients[i];
          if (!whole) return [];
          if (!task || !distillation) {
            const direction = add(mul(a, plain), decayed(whole));
            return [
              { state: a, value: direction },
              { state: p, value: step(p, direction) },
            ];
          }
          const [toTask, toTeacher] = [add(mul(a, less), decayed(task)), add(mul(b, more), distillation)];
          return [
            { state: a, value: toTask },
            { state: b, value: toTeacher },
            { state: p, value: step(step(p, toTask), toTeacher) },
          ];
        });
      },
      scalars: [rateInput, scheduledMomentum],
    };
  };
}

/** The momentum. Throws ARGUMENT where it and its gap leave the range from 0 to below 1. */
function checkGap(momentum: number, gap: number, step: number): number {
  if (momentum - gap >= 0 && momentum + gap < 1) return momentum;
  throw new LimbeckError(
    "ARGUMENT",
    `sgd: at step ${step} the momentum ${momentum} and its gap of ${gap} leave the range from 0 to below 1; use a smaller momentumGap`,
  );
}
