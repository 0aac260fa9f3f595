/** @file Lookahead: slow weights that follow the trained ones, which are set back to them every few steps. */
import { LimbeckError } from "../../errors.ts";
import { namedBuffers } from "../../nn/index.ts";
import { add, input, mul, state, sub, type Graph, type Tensor } from "../../tensor/index.ts";
import type { Feature, FeatureSetting, StepPass } from "../feature.ts";
import type { Learner } from "../../distill/learner.ts";
import { trainedParameters } from "../states.ts";

export interface LookaheadOptions {
  /** Steps from one time to the next. */
  readonly every: number;
  /** Of the whole training. */
  readonly steps: number;
}

/** What slow weights keep of themselves for each step between two times, at the end of the training. */
const KEEP = 0.95;

/**
 * What slow weights keep, each time they follow after a step (from 1): 0.95^every · (step / steps)³ after every so many steps, and then all
 * after the last one, so that the training ends with them.
 */
export function decaysAfter(step: number, { every, steps }: LookaheadOptions): number[] {
  const decays = step % every === 0 ? [KEEP ** every * (step / steps) ** 3] : [];
  return step === steps ? [...decays, 1] : decays;
}

/** Lookahead of the training proper, where `lookahead` asks for it. Throws ARGUMENT as `lookaheadOf`. */
export function lookahead({ options, pretraining, stepCount }: FeatureSetting): Feature | undefined {
  const { lookahead: every, learner } = options;
  return every === undefined || pretraining ? undefined : lookaheadOf(learner, { every, steps: stepCount });
}

/**
 * Lookahead of every parameter and buffer that the first step changes, but memories of auxiliary modules: slow weights that begin as the weights
 * do, and
 *
 *     slow ← decay·slow + (1 - decay)·weights          weights ← slow
 *
 * with the decays of `decaysAfter`. Throws ARGUMENT unless `every` is a positive whole number.
 *
 * As K. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, https://arxiv.org/abs/2404.00498, has it; Zhang, Lucas, Hinton, Ba,
 * "Lookahead Optimizer: k steps forward, 1 step back", 2019, has one decay throughout.
 */
export function lookaheadOf(learner: Learner, options: LookaheadOptions): Required<Pick<Feature, "states" | "passes">> {
  checkEvery(options.every);
  const slots = new Map<string, Tensor>();
  return {
    states: slots,
    passes(changed) {
      const all = [...trainedParameters(learner), ...namedBuffers(learner.model.module)];
      const followed = all.flatMap(([name, { tensor }]) =>
        changed.has(tensor) ? [{ name, weight: tensor, slow: state(`${name}/lookahead`, tensor.shape) }] : [],
      );
      for (const { name, slow } of followed) slots.set(`lookahead ${name}`, slow);
      // NOTE: as the step from the slow weights, so that a weight that is equal to its slow one stays so to the bit.
      const share = input("lookahead share", []);
      const begin: Graph = {
        outputs: {},
        updates: followed.map(({ weight, slow }) => ({ state: slow, value: weight })),
      };
      const follow: Graph = {
        outputs: {},
        updates: followed.flatMap(({ weight, slow }) => {
          const value = add(slow, mul(sub(weight, slow), share));
          return [
            { state: slow, value },
            { state: weight, value },
          ];
        }),
      };
      const passes: readonly StepPass[] = [
        { graph: begin, when: "before", at: (step) => (step === 1 ? [{}] : []) },
        {
          graph: follow,
          when: "after",
          at: (step) => decaysAfter(step, options).map((decay) => ({ "lookahead share": Float32Array.of(1 - decay) })),
        },
      ];
      return passes;
    },
  };
}

function checkEvery(every: number): void {
  if (Number.isInteger(every) && every >= 1) return;
  throw new LimbeckError("ARGUMENT", `lookahead should be a positive whole number of steps, got ${String(every)}`);
}
