/** @file A method with its options resolved: what an objective is made of. */
import { parseWith } from "../parse-with.ts";
import { bounded } from "./bounded.ts";
import { crossEntropy } from "./losses.ts";
import type { AnyMethod, Batch, ResolvedOptions } from "./method.ts";
import { schemaOf, weight, type Options } from "./option.ts";
import { presetOptions } from "./preset.ts";
import type { Tensor } from "../tensor/index.ts";
import type { z } from "zod";

/** The option that weighs the labels' loss. */
export const LABELS_OPTION = "ceWeight";

/** A method and the values of its options. */
export interface Part {
  readonly method: AnyMethod;
  readonly resolved: ResolvedOptions<Options>;
  /** The same without what the method never had: for records. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The loss with the labels, and its weight. */
  readonly labels?: { readonly weight: number; loss(batch: Pick<Batch, "student" | "labels">): Tensor };
}

/** Every option by name: the method's own, and `ceWeight` last, unless the labels have no part or a fixed one. */
export function optionsOf({ options, labels }: Pick<AnyMethod, "options" | "labels">): Options {
  if (!labels || labels.isFixed) return options;
  const { weight: value, description = "weight of the cross entropy with the labels" } = labels;
  return { ...options, [LABELS_OPTION]: weight(value, description) };
}

/** The schema of all its options: unknown keys refused, defaults filled in. */
export function optionsSchema(method: AnyMethod): z.ZodType<Readonly<Record<string, unknown>>> {
  return schemaOf(optionsOf(method), method.check && ((values) => method.check!(withLabelsWeight(method, values))));
}

/**
 * The method with these options, those of the preset for the rest, if one is named, and the defaults for what is left.
 *
 * Throws ARGUMENT listing every option that is unknown or out of range, UNKNOWN_NAME for a preset that the method has not.
 */
export function resolve(method: AnyMethod, options: Readonly<Record<string, unknown>>, preset?: string): Part {
  const given = { ...(preset !== undefined && presetOptions(method, preset)), ...options };
  const values = parseWith(optionsSchema(method), given, "ARGUMENT", `options of method ${method.name}`);
  const resolved = withLabelsWeight(method, bounded(method.name, values));
  const { labels } = method;
  return {
    method,
    resolved,
    options: values,
    ...(labels && {
      labels: {
        weight: resolved.ceWeight,
        loss: ({ student: { logits }, labels: wanted }) =>
          labels.loss ? labels.loss(logits, wanted, resolved) : crossEntropy(logits, wanted),
      },
    }),
  };
}

function withLabelsWeight({ labels }: AnyMethod, values: Readonly<Record<string, unknown>>): ResolvedOptions<Options> {
  return {
    ...values,
    ceWeight: (values[LABELS_OPTION] as number | undefined) ?? labels?.weight ?? 0,
  } as ResolvedOptions<Options>;
}
