/** @file EMA: running averages of a network's weights, which often classify better than the weights they average. */
import { LimbeckError } from "../../errors.ts";
import { namedStates } from "../../nn/index.ts";
import { scheduledInput } from "../../optim/index.ts";
import { add, mul, state, type Tensor } from "../../tensor/index.ts";
import type { Feature, FeatureSetting } from "../feature.ts";

/** EMA of the model's states in the training proper, where `emaDecay` asks for it. Throws ARGUMENT as `emaOf`, and beside lookahead. */
export function averaged({ options, pretraining }: FeatureSetting): Feature | undefined {
  const { emaDecay, lookahead, learner } = options;
  if (emaDecay === undefined || pretraining) return undefined;
  if (lookahead !== undefined)
    throw new LimbeckError("ARGUMENT", "emaDecay and lookahead both average the weights; leave one out");
  return emaOf(namedStates(learner.model.module), emaDecay);
}

/**
 * Averages of these states: the values after the first step, then decay·average + (1 - decay)·values, as PyTorch's
 * `AveragedModel(model, avg_fn, use_buffers=True)` and timm's ModelEmaV2 update it: buffers, such as running means, are
 * averaged like parameters. Throws ARGUMENT unless the decay is between 0 and 1.
 */
export function emaOf(
  states: ReadonlyMap<string, Tensor>,
  decay: number,
): Required<Pick<Feature, "states" | "scalars" | "updates" | "finish">> {
  if (!(decay > 0 && decay < 1)) {
    throw new LimbeckError("ARGUMENT", `the decay of averaged weights should be between 0 and 1, got ${decay}`);
  }
  // The first step's values are taken as they are.
  const old = scheduledInput("ema decay", (step) => (step === 1 ? 0 : decay));
  const fresh = scheduledInput("1 - ema decay", (step) => (step === 1 ? 1 : 1 - decay));
  const averages = new Map<string, Tensor>();
  const nameOf = (name: string): string => `average ${name}`;
  return {
    states: averages,
    scalars: [old, fresh],
    updates: (updates) =>
      [...states].flatMap(([name, tensor]) => {
        const known = averages.get(nameOf(name));
        const moved = updates.find((update) => update.state === tensor)?.value;
        // What was moved before, and is frozen now, is averaged on as it stands.
        const value = moved ?? (known ? tensor : undefined);
        if (!value) return [];
        const average = known ?? state(`${name}/average`, tensor.shape);
        averages.set(nameOf(name), average);
        return [{ state: average, value: add(mul(average, old.symbol), mul(value, fresh.symbol)) }];
      }),
    async finish(engine) {
      const take = async ([name, tensor]: [string, Tensor]): Promise<void> => {
        const average = averages.get(nameOf(name));
        if (average) await engine.write(tensor, await engine.read(average));
      };
      await Promise.all([...states].map(take));
    },
  };
}
