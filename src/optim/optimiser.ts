/** @file The contract of an optimiser: how gradients change parameters, as part of the training step's graph. */
import { checkArguments, having, mapOf } from "../arguments.ts";
import * as z from "zod/mini";
import { LimbeckError } from "../errors.ts";
import { aTensor, input, state, type Tensor, type Update } from "../tensor/index.ts";

/** A rule with its options, not yet tied to any parameters. */
export interface Optimiser {
  readonly name: string;
  /** The options with their defaults, for records. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Patterns of parameters' names that the options go by: some parameter of a training has to fit each. */
  readonly patterns?: readonly string[] | undefined;
  /**
   * Ties the rule to parameters, by their paths: makes the states it keeps for each. Its scalar inputs are named for `as`, by
   * default its own name: `sgd learning rate`.
   */
  attach(parameters: ReadonlyMap<string, { readonly tensor: Tensor }>, as?: string): AttachedOptimiser;
  /** The rule at the largest learning rate of a training of so many steps, and the momentum that goes with it: for the pre-training before it. */
  withConstantRate(steps: number): Optimiser;
}

/** The gradients by loss, in the parameters' order; `null` for a parameter that a loss does not depend on. Their sums are the whole. */
export interface PerLossGradients {
  /** Of the weighted cross entropy with the labels. */
  readonly task: readonly (Tensor | null)[];
  /** Of what a teacher adds: all other weighted losses. */
  readonly distillation: readonly (Tensor | null)[];
}

/** An optimiser of certain parameters. Every graph made from it (for full and for short batches) shares its slots. */
export interface AttachedOptimiser {
  /** States beside the parameters, such as running means, zeros at first; what a checkpoint has to keep. */
  readonly slots: ReadonlyMap<string, Tensor>;
  /** Whether `updates` wants the gradients of each loss too. */
  readonly needsPerLossGradients?: boolean;
  /**
   * The updates of parameters and slots, given each parameter's gradient in the parameters' order; `null` for one that no
   * gradient flows to, which stays as it is with its slots: no decay, no momentum, as PyTorch skips it.
   */
  updates(gradients: readonly (Tensor | null)[], perLoss?: PerLossGradients): Update[];
  /** The scalar inputs of the graph, such as the learning rate, and what each is at a step. */
  readonly scalars: readonly ScheduledInput[];
}

/** A scalar input of the graph whose value depends on the step. */
export interface ScheduledInput {
  readonly symbol: Tensor<{ readonly name: string }>;
  /** Computed in float64; steps count from 1 over the whole training. */
  at(step: number): number;
}

/** Values of an optimiser's scalar inputs at a step (from 1), by name: for your own training loop. */
export function scalarsAt(optimiser: Pick<AttachedOptimiser, "scalars">, step: number): Record<string, Float32Array> {
  return Object.fromEntries(
    optimiser.scalars.map(({ symbol, at }) => [symbol.attributes.name, Float32Array.of(at(step))] as const),
  );
}

/** The largest learning rate: of float32 parameters it makes numbers still. */
export const largestRate = 1e30;

/** The largest of all other options: decay, momentum, a divisor. */
export const largestOption = 1e6;

/** Checks a learning rate. */
export const rate: z.ZodMiniNumber = z.number().check(z.nonnegative(), z.lte(largestRate));

/** Checks another option, from 0. */
export const amount: z.ZodMiniNumber = z.number().check(z.nonnegative(), z.lte(largestOption));

/** An option with its default, described for people. */
export function option<Schema extends z.core.SomeType>(
  schema: Schema,
  value: z.core.util.NoUndefined<z.output<Schema>>,
  description: string,
): z.ZodMiniDefault<Schema> {
  return z._default(schema, value).check(z.describe(description));
}

/** A number, or a function from the step (from 1) to one. */
export type Scheduled = number | ((step: number) => number);

/** Checks an option that a schedule may set: a number as `range` has it, or a function. */
export function scheduled(range: z.ZodMiniNumber): z.ZodMiniType<Scheduled> {
  return z.union([
    range,
    z.custom<(step: number) => number>((value) => typeof value === "function", "expected a number or a function"),
  ]);
}

/** Throws ARGUMENT for a function that gives no number from 0 to `largestRate`. */
export function valueAt(value: Scheduled, step: number): number {
  if (typeof value === "number") return value;
  const now = value(step);
  if (now >= 0 && now <= largestRate) return now;
  throw new LimbeckError(
    "ARGUMENT",
    `the schedule should give a number from 0 to ${largestRate} for step ${step}, got ${String(now)}; correct its options`,
  );
}

/** The step, of so many, at which the value is largest; the first of equals. */
export function largestAt(value: Scheduled, steps: number): number {
  let largest = 1;
  for (let step = 2; step <= steps; step++) if (valueAt(value, step) > valueAt(value, largest)) largest = step;
  return largest;
}

const aParameter = having("a parameter", { tensor: aTensor });
const someParameters = mapOf("parameters", aParameter);

/** A scalar input of the graph, and its value at a step. */
export function scheduledInput(name: string, at: ScheduledInput["at"]): ScheduledInput {
  return { symbol: input(name, []), at };
}

/** A parameter with its slots, by PyTorch's names of their kinds. */
export interface Slotted<Kind extends string> {
  readonly parameter: Tensor;
  readonly slots: Readonly<Record<Kind, Tensor>>;
}

/** A state of each kind for every parameter, named `PATH/KIND`: all by name, kind by kind, and those of each parameter, in the parameters' order. */
export function slotsFor<Kind extends string>(
  parameters: ReadonlyMap<string, { readonly tensor: Tensor }>,
  kinds: readonly Kind[],
): { readonly named: ReadonlyMap<string, Tensor>; readonly each: readonly Slotted<Kind>[] } {
  checkArguments("attach", { parameters: [parameters, someParameters] });
  const named = new Map<string, Tensor>();
  const slot = (path: string, kind: Kind, { shape }: Tensor): Tensor => {
    const name = `${path}/${kind}`;
    const made = state(name, shape);
    named.set(name, made);
    return made;
  };
  const byKind = kinds.map((kind) =>
    Array.from(parameters, ([path, { tensor }]) => [kind, slot(path, kind, tensor)] as const),
  );
  const each = Array.from(parameters.values(), ({ tensor }, i): Slotted<Kind> => {
    const slots = byKind.flatMap((ofKind) => ofKind.slice(i, i + 1));
    return { parameter: tensor, slots: Object.fromEntries(slots) as Record<Kind, Tensor> };
  });
  return { named, each };
}
