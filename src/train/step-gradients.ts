/** @file The gradients of a step's losses, whole, or apart for task and teacher. */
import type { GradientsApart } from "../optim/index.ts";
import { add, gradientsOrNull, type Tensor } from "../tensor/index.ts";

/** A weighted loss by its name. */
export type Parts = Readonly<Record<string, Tensor>>;

/** Of the cross entropy with the labels (`ce`) and of all other losses apart, and both together. */
export function gradientsApart(
  parts: Parts,
  parameters: readonly Tensor[],
): { whole: (Tensor | null)[]; apart: GradientsApart } {
  const { ce, ...others } = parts;
  const [task, distillation] = [of(ce ? [ce] : [], parameters), of(Object.values(others), parameters)];
  const whole = parameters.map((_, i) => {
    const [a, b] = [task[i], distillation[i]];
    return a && b ? add(a, b) : (a ?? b ?? null);
  });
  return { whole, apart: { task, distillation } };
}

/** Of the sum of some losses; `null` for a parameter that no gradient of theirs flows to. */
function of(losses: readonly Tensor[], parameters: readonly Tensor[]): (Tensor | null)[] {
  if (losses.length === 0) return parameters.map(() => null);
  return gradientsOrNull(
    losses.reduce((total, loss) => add(total, loss)),
    parameters,
  );
}
