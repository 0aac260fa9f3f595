/** @file EMA: running averages of a network's weights, which often classify better than the weights they average. */
import { LimbeckError } from "../errors.ts";
import { scheduledInput, type ScheduledInput } from "../optim/index.ts";
import { add, mul, state, type Tensor, type Update } from "../tensor/index.ts";

/** Averages of the states that a step updates, each a state of its own. Every graph made from it shares them. */
export interface Ema {
  /** By the name of the state averaged; complete once the first graph is made. */
  readonly slots: ReadonlyMap<string, { readonly average: Tensor; readonly of: Tensor }>;
  /** What the averages become by these updates. */
  updates(updates: readonly Update[]): Update[];
  /** The scalar inputs of the graph. */
  readonly scalars: readonly ScheduledInput[];
}

/**
 * Averages of these states: the values after the first step, then decay·average + (1 - decay)·values, as PyTorch's
 * `AveragedModel(model, avg_fn, use_buffers=True)` and timm's ModelEmaV2 update it: buffers, such as running means, are
 * averaged like parameters. Throws ARGUMENT unless the decay is between 0 and 1.
 */
export function emaOf(states: ReadonlyMap<string, Tensor>, decay: number): Ema {
  if (!(decay > 0 && decay < 1)) {
    throw new LimbeckError("ARGUMENT", `the decay of averaged weights should be between 0 and 1, got ${decay}`);
  }
  // The first step's values are taken as they are.
  const old = scheduledInput("ema decay", (step) => (step === 1 ? 0 : decay));
  const fresh = scheduledInput("1 - ema decay", (step) => (step === 1 ? 1 : 1 - decay));
  const slots = new Map<string, { average: Tensor; of: Tensor }>();
  return {
    slots,
    updates: (updates) =>
      [...states].flatMap(([name, tensor]) => {
        const moved = updates.find((update) => update.state === tensor)?.value;
        // What was moved before, and is frozen now, is averaged on as it stands.
        const value = moved ?? (slots.has(name) ? tensor : undefined);
        if (!value) return [];
        const { average } = slots.get(name) ?? { average: state(`${name}/average`, tensor.shape) };
        slots.set(name, { average, of: tensor });
        return [{ state: average, value: add(mul(average, old.symbol), mul(value, fresh.symbol)) }];
      }),
    scalars: [old, fresh],
  };
}
