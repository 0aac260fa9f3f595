/** @file Running averages of a network's weights, which often classify better than the weights they average. */
import { LimbeckError } from "../errors.ts";
import { add, input, mul, state, type Tensor, type Update } from "../tensor/index.ts";

/** Averages of the states that a step updates, each a state of its own. Every graph made from it shares them. */
export interface Averages {
  /** By the name of the state averaged; complete once the first graph is made. */
  readonly slots: ReadonlyMap<string, { readonly average: Tensor; readonly of: Tensor }>;
  /** What the averages become by these updates. */
  updates(updates: readonly Update[]): Update[];
  /** Values of the graph's scalar inputs at a step, from 1. */
  scalars(step: number): Record<string, Float32Array>;
}

/**
 * Averages of these states: the values after the first step, then decay·average + (1 - decay)·values, as PyTorch's
 * `AveragedModel(model, avg_fn, use_buffers=True)` and timm's ModelEmaV2 update it: buffers, such as running means, are
 * averaged like parameters. Throws ARGUMENT unless the decay is between 0 and 1.
 */
export function averagesOf(states: ReadonlyMap<string, Tensor>, decay: number): Averages {
  if (!(decay > 0 && decay < 1)) {
    throw new LimbeckError("ARGUMENT", `the decay of averaged weights should be between 0 and 1, got ${decay}`);
  }
  const [old, fresh] = [input("average keeps", []), input("average takes", [])];
  const slots = new Map<string, { average: Tensor; of: Tensor }>();
  return {
    slots,
    updates: (updates) =>
      [...states].flatMap(([name, tensor]) => {
        const value = updates.find((update) => update.state === tensor)?.value;
        if (!value) return [];
        const { average } = slots.get(name) ?? { average: state(`${name}/average`, tensor.shape) };
        slots.set(name, { average, of: tensor });
        return [{ state: average, value: add(mul(average, old), mul(value, fresh)) }];
      }),
    scalars: (step) => ({
      "average keeps": Float32Array.of(step === 1 ? 0 : decay),
      "average takes": Float32Array.of(step === 1 ? 1 : 1 - decay),
    }),
  };
}
