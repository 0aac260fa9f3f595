/** @file Momentum of the task's gradients apart from that of the teacher's, which goes further. */
import { LimbeckError } from "../errors.ts";
import { add, mul, sub, type Tensor, type Update } from "../tensor/index.ts";
import { scalarInput, slotsFor, valueAt, type Optimiser, type Scheduled } from "./optimiser.ts";

export interface MomentumApartOptions {
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
export function attachApart({
  learningRate,
  momentum,
  momentumGap,
  weightDecay,
}: MomentumApartOptions): Optimiser["attach"] {
  return (parameters) => {
    const taskBuffers = slotsFor("momentum_buffer", parameters);
    const distillationBuffers = slotsFor("momentum_kd_buffer", parameters);
    const stepSize = scalarInput("sgd step size");
    const plain = scalarInput("sgd momentum");
    const [less, more] = [sub(plain, momentumGap), add(plain, momentumGap)];
    return {
      slots: new Map([...taskBuffers, ...distillationBuffers]),
      apart: true,
      updates: (gradients, apart) => {
        if (!apart)
          throw new LimbeckError("ARGUMENT", "sgd: a momentumGap needs the gradients of task and teacher apart");
        return [...parameters.values()].flatMap(({ tensor: p }, i): Update[] => {
          const [, a] = taskBuffers[i]!;
          const [, b] = distillationBuffers[i]!;
          const [task, distillation] = [apart.task[i]!, apart.distillation[i]!];
          const decayed = (g: Tensor): Tensor => (weightDecay === 0 ? g : add(g, mul(p, weightDecay)));
          const step = (x: Tensor, direction: Tensor): Tensor => sub(x, mul(stepSize, direction));
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
      scalars: (step) => {
        const kept = valueAt(momentum, step);
        if (!(kept - momentumGap >= 0 && kept + momentumGap < 1)) {
          throw new LimbeckError(
            "ARGUMENT",
            `sgd: at step ${step} the momentum ${kept} and its gap of ${momentumGap} leave the range from 0 to below 1; use a smaller momentumGap`,
          );
        }
        return {
          "sgd step size": Float32Array.of(valueAt(learningRate, step)),
          "sgd momentum": Float32Array.of(kept),
        };
      },
    };
  };
}
