/** @file Groups of parameters, by their names, that have a learning rate or a weight decay of their own. */
import { LimbeckError } from "../errors.ts";
import { largestOption, type AttachedOptimiser, type Optimiser, type PerLossGradients } from "./optimiser.ts";
import type { Tensor } from "../tensor/index.ts";
import { checkFitting, fits } from "./patterns.ts";

/** What parameters have of their own. */
export interface GroupSettings {
  /** Times the learning rate that the others have: its schedule is theirs. */
  readonly learningRateFactor?: number | undefined;
  /** In place of the optimiser's. */
  readonly weightDecay?: number | undefined;
}

/** The parameters whose names fit. */
export interface ParameterGroup extends GroupSettings {
  /** A name, or a pattern: `*` stands for any characters, as in `*norm*.bias`. */
  readonly parameters: string;
}

/**
 * What decays where a group says nothing else: `all` parameters, as in PyTorch, or `weights`, those of two axes or more: filters and matrices,
 * neither biases nor what norms scale and shift by.
 */
export type DecayOn = "all" | "weights";

export interface Groups {
  /** Where several fit a parameter, each setting is that of the last of them which has it. */
  readonly groups?: readonly ParameterGroup[] | undefined;
  readonly decayOn?: DecayOn | undefined;
}

type Parameters = ReadonlyMap<string, { readonly tensor: Tensor }>;

/**
 * An optimiser whose parameters are divided by their settings; `make` makes that of each division. Throws ARGUMENT for a factor that is no
 * number from 0, and `attach` for a group whose pattern no parameter fits.
 */
export function grouped(make: (own: GroupSettings) => Optimiser, given: Groups): Optimiser {
  for (const { parameters, learningRateFactor: factor = 1, weightDecay } of given.groups ?? []) {
    if (!(factor >= 0 && factor <= largestOption)) {
      throw new LimbeckError(
        "ARGUMENT",
        `parameter groups: ${parameters} should have a learningRateFactor from 0 to ${largestOption}, got ${String(factor)}`,
      );
    }
    if (weightDecay !== undefined) make({ weightDecay });
  }
  return divided(make, given, true);
}

function divided(make: (own: GroupSettings) => Optimiser, given: Groups, isChecked: boolean): Optimiser {
  const { groups = [], decayOn = "all" } = given;
  const plain = make({});
  if (groups.length === 0 && decayOn === "all") return plain;
  return {
    name: plain.name,
    options: { ...plain.options, groups, decayOn },
    patterns: plain.patterns,
    // NOTE: a pre-training has other parameters than those the groups are of.
    withConstantRate: (steps) => divided((own) => make(own).withConstantRate(steps), given, false),
    attach: (parameters, as = plain.name) => {
      if (isChecked)
        checkFitting(
          "parameter groups",
          groups.map(({ parameters: pattern }) => pattern),
          [...parameters.keys()],
        );
      const divisions = divide(parameters, (name, tensor) => settingsOf(name, tensor, groups, decayOn));
      return joined(
        divisions.map(({ settings, members }, i) => ({
          positions: members.map(({ position }) => position),
          attached: make(settings).attach(
            new Map(members.map(({ name, parameter }) => [name, parameter])),
            divisions.length === 1 ? as : `${as} ${i + 1}`,
          ),
        })),
      );
    },
  };
}

function settingsOf(
  name: string,
  { shape }: Tensor,
  groups: readonly ParameterGroup[],
  decayOn: DecayOn,
): GroupSettings {
  const own: { learningRateFactor?: number; weightDecay?: number } = {};
  if (decayOn === "weights" && shape.length < 2) own.weightDecay = 0;
  for (const { parameters, learningRateFactor, weightDecay } of groups) {
    if (!fits(parameters, name)) continue;
    if (learningRateFactor !== undefined) own.learningRateFactor = learningRateFactor;
    if (weightDecay !== undefined) own.weightDecay = weightDecay;
  }
  return own;
}

interface Member {
  readonly name: string;
  readonly parameter: { readonly tensor: Tensor };
  /** Among all parameters. */
  readonly position: number;
}

/** Parameters of the same settings together, in the order in which they come. */
export function divide<Settings extends object>(
  parameters: Parameters,
  settingsFor: (name: string, tensor: Tensor) => Settings,
): { readonly settings: Settings; readonly members: readonly Member[] }[] {
  const divisions = new Map<string, { readonly settings: Settings; readonly members: Member[] }>();
  let position = 0;
  for (const [name, parameter] of parameters) {
    const settings = settingsFor(name, parameter.tensor);
    const key = JSON.stringify(settings);
    const division = divisions.get(key) ?? { settings, members: [] };
    division.members.push({ name, parameter, position: position++ });
    divisions.set(key, division);
  }
  return [...divisions.values()];
}

/** Optimisers of some of the parameters each, as one of them all. */
export function joined(
  parts: readonly { readonly positions: readonly number[]; readonly attached: AttachedOptimiser }[],
): AttachedOptimiser {
  const attached = parts.map((part) => part.attached);
  return {
    slots: new Map(attached.flatMap(({ slots }) => [...slots])),
    needsPerLossGradients: attached.some(({ needsPerLossGradients }) => needsPerLossGradients),
    updates: (gradients, perLoss) =>
      parts.flatMap(({ positions, attached }) => {
        const of = (all: readonly (Tensor | null)[]) => positions.map((position) => all[position] ?? null);
        const own: PerLossGradients | undefined = perLoss && {
          task: of(perLoss.task),
          distillation: of(perLoss.distillation),
        };
        return attached.updates(of(gradients), own);
      }),
    scalars: attached.flatMap(({ scalars }) => scalars),
  };
}
