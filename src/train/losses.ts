/** @file A step's losses: of mixed images, weighted, one by one or together differentiated, and seen to be numbers. */
import type { Batch, Losses, Weight } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import type { PerLossGradients } from "../optim/index.ts";
import { add, gradientsOrNull, input, mul, sub, substitute, topologicalOrder, type Tensor } from "../tensor/index.ts";
import type { BatchLosses } from "./events.ts";
import { rampInput, type StepInput } from "./step-input.ts";

/** Each loss times its weight, by name, and the inputs that are weights. Throws ARGUMENT for a loss that has no weight, a weight that has no loss, or none at all. */
export function weightLosses(
  losses: Losses,
  weights: Readonly<Record<string, Weight>>,
  method: string,
): { readonly weighted: Losses; readonly inputs: readonly StepInput[] } {
  const inputs: StepInput[] = [];
  const weigh = (name: string, loss: Tensor): Tensor => {
    const weight = weights[name];
    if (weight === undefined) throw noWeight(name, weights, method);
    if (typeof weight === "number") return mul(loss, weight);
    const ramp = rampInput(name, weight);
    inputs.push(ramp);
    return mul(loss, ramp.symbol);
  };
  const weighted = Object.entries(losses).map(([name, loss]) => [name, weigh(name, loss)] as const);
  if (weighted.length === 0) throw new LimbeckError("ARGUMENT", `method ${method}: losses() gives no loss`);
  // What counts nothing may be left out.
  const missing = Object.keys(weights).find((name) => weights[name] !== 0 && !Object.hasOwn(losses, name));
  if (missing !== undefined) {
    const given = Object.keys(losses).join(", ");
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method}: weights() names ${missing}, but losses() gives ${given} alone`,
    );
  }
  return { weighted: Object.fromEntries(weighted), inputs };
}

/** The gradients of the cross entropy with the labels (`ce`), and of all other losses together. */
export function perLossGradients({ ce, ...others }: Losses, parameters: readonly Tensor[]): PerLossGradients {
  const of = (losses: readonly Tensor[]): (Tensor | null)[] =>
    losses.length === 0 ? parameters.map(() => null) : gradientsOrNull(sum(losses), parameters);
  return { task: of(ce ? [ce] : []), distillation: of(Object.values(others)) };
}

/** The gradients of all losses; `null` for a parameter that no gradient flows to. */
export function totalGradients({ task, distillation }: PerLossGradients): (Tensor | null)[] {
  return task.map((a, i) => {
    const b = distillation[i] ?? null;
    return a && b ? add(a, b) : (a ?? b);
  });
}

/** The sum of losses, of which there is at least one. */
export function sum(losses: readonly Tensor[]): Tensor {
  return losses.reduce((total, loss) => add(total, loss));
}

/** Throws ARGUMENT where a training would change nothing. */
export function checkReached(gradients: readonly (Tensor | null)[], method: string, phase: string | undefined): void {
  if (gradients.some((gradient) => gradient !== null)) return;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method}: no loss${phase === undefined ? "" : ` of its pre-training ${phase}`} depends on a parameter that is trained; ` +
      "compute one from what the student or an auxiliary module gives",
  );
}

/** Throws NOT_FINITE where the total or a loss is no number. */
export function checkFinite({ loss, terms }: BatchLosses, method: string, step: number, epoch: number): void {
  const [name, value] = Object.entries({ ...terms, "weighted total": loss }).find(([, x]) => !Number.isFinite(x)) ?? [];
  if (name === undefined) return;
  throw new LimbeckError(
    "NOT_FINITE",
    `step ${step} (epoch ${epoch}): loss ${name} of method ${method} became ${value}; ` +
      `lower the learning rate or the weight of this loss, or look for damaged images or teacher weights`,
  );
}

/**
 * λ·loss(labels) + (1 - λ)·loss(partners' labels) for each loss that labels take part in; the others as they are. `identifying`
 * are symbols that say which images these are, `updated` what memories become. The inputs are λ and the partners' labels. Throws ARGUMENT where a method goes by which image it is, or remembers by labels: a mixed one has no one answer.
 */
export function withMixedLabels(
  terms: Losses,
  { labels }: Pick<Batch, "labels">,
  identifying: readonly Tensor[],
  updated: readonly Tensor[],
  method: string,
): { readonly terms: Losses; readonly inputs: readonly StepInput[] } {
  const used = new Set(topologicalOrder([...Object.values(terms), ...updated]));
  const byLabel = topologicalOrder([...updated]).includes(labels);
  if (byLabel || identifying.some((symbol) => used.has(symbol))) {
    throw new LimbeckError(
      "ARGUMENT",
      `method ${method} needs to know which image, or which one class, it sees, so it cannot learn from mixed images; ` +
        "leave mixup out (and cutmix), or choose another method",
    );
  }
  const [shares, partners] = [shareInput(), partnerLabelsInput(labels.size)];
  const share = shares.symbol;
  const others = substitute(Object.values(terms), labels, partners.symbol);
  const mixed = Object.entries(terms).map(([name, own], i) => {
    const other = others[i] ?? own;
    return [name, other === own ? own : add(mul(own, share), mul(other, sub(1, share)))] as const;
  });
  return { terms: Object.fromEntries(mixed), inputs: [shares, partners] };
}

/** λ, what an image's own label counts. */
function shareInput(): StepInput<Float32Array> {
  return { symbol: input("label share", []), fill: (values, { mixing }) => values.fill(mixing?.share ?? 1) };
}

/** The labels of the images that were mixed in: int32 [N]. */
function partnerLabelsInput(n: number): StepInput<Int32Array> {
  return {
    symbol: input("partner labels", [n], "int32"),
    fill(values, { order, range: { from, to }, source: { split }, mixing }) {
      const partnerOf = (i: number): number => mixing?.partners[i] ?? i;
      for (let i = 0; i < to - from; i++) values[i] = split.labels[order[from + partnerOf(i)]!]!;
    },
  };
}

function noWeight(name: string, weights: Readonly<Record<string, Weight>>, method: string): LimbeckError {
  return new LimbeckError(
    "ARGUMENT",
    `method ${method}: its loss ${name} has no weight; weights() gives ${Object.keys(weights).join(", ") || "none"}`,
  );
}
