/** @file A method's options resolved: checked by a schema, taken from a preset or the defaults where they are not given. */
import * as z from "zod/mini";
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import { parseWith } from "../parse-with.ts";
import type { Tensor } from "../tensor/index.ts";
import type { AnyMethod, Batch, ResolvedOptions } from "./method.ts";
import { weight, type AllowedValues, type Bounds, type Options } from "./option.ts";

/** The option that weighs the labels' loss. */
export const LABELS_OPTION = "ceWeight";

/** Of a batch, what the loss with the labels is computed from. */
type LabelsBatch = Pick<Batch, "student" | "labels" | "labelsLoss" | "classWeights">;

/** A method and the values of its options: what an objective is made of. */
export interface ResolvedMethod {
  readonly method: AnyMethod;
  readonly values: ResolvedOptions<Options>;
  /** The same without what the method never had: for records. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The loss with the labels, and its weight. */
  readonly labels?: { readonly weight: number; loss(batch: LabelsBatch): Tensor };
}

/**
 * The method with these options, those of the preset for the rest, if one is named, and the defaults for what is left.
 *
 * Throws ARGUMENT listing every option that is unknown or out of range, UNKNOWN_NAME for a preset that the method has not.
 */
export function resolve(
  method: AnyMethod,
  options: Readonly<Record<string, unknown>>,
  preset?: string,
): ResolvedMethod {
  const chosen = { ...(preset !== undefined && presetOptions(method, preset)), ...options };
  const parsed = parseWith(optionsSchema(method), chosen, "ARGUMENT", `options of method ${method.name}`);
  const values = withLabelsWeight(method, bounded(method.name, parsed));
  const { labels } = method;
  return {
    method,
    values,
    options: parsed,
    ...(labels && {
      labels: {
        weight: values.ceWeight,
        loss: ({ student: { logits }, labels: classes, labelsLoss, classWeights }) =>
          labels.loss ? labels.loss(logits, classes, values, classWeights) : labelsLoss(logits),
      },
    }),
  };
}

/** Every option by name: the method's own, and `ceWeight` last, unless the labels have no part or a fixed one. */
export function optionsOf({ options, labels }: Pick<AnyMethod, "options" | "labels">): Options {
  if (!labels || labels.isFixed) return options;
  const { weight: value, description = "weight of the cross entropy with the labels" } = labels;
  return { ...options, [LABELS_OPTION]: weight(value, description) };
}

/** The schema of all a method's options: unknown keys refused, defaults filled in, and what is wrong between several found. */
export function optionsSchema(method: AnyMethod): z.ZodMiniType<Readonly<Record<string, unknown>>> {
  const properties = Object.entries(optionsOf(method)).map(([name, { allowed, default: value, description }]) => {
    // NOTE: a copy, because a default is handed out as it is.
    return [name, z._default(schemaOf(allowed), structuredClone(value)).check(z.describe(description))] as const;
  });
  const schema = z.strictObject(Object.fromEntries(properties));
  const check = method.check?.bind(method);
  if (!check) return schema;
  return schema.check(({ value, issues }) => {
    for (const [name, message] of Object.entries(check(withLabelsWeight(method, value))))
      issues.push({ code: "custom", path: [name], message, input: value });
  });
}

function schemaOf(allowed: AllowedValues): z.ZodMiniType {
  switch (allowed.kind) {
    case "number":
      return within(allowed.bounds);
    case "flag":
      return z.boolean();
    case "numbers":
      return z.array(within(allowed.each)).check(z.minLength(1));
    case "pairs": {
      const path = z.string().check(z.minLength(1));
      return z.array(z.strictObject({ teacher: path, student: path }));
    }
  }
}

function within({ whole = false, least, above, most, below }: Bounds): z.ZodMiniNumber {
  const checks = [
    least !== undefined && z.gte(least),
    above !== undefined && z.gt(above),
    most !== undefined && z.lte(most),
    below !== undefined && z.lt(below),
  ];
  return (whole ? z.int() : z.number()).check(...checks.filter((check) => check !== false));
}

function withLabelsWeight({ labels }: AnyMethod, values: Readonly<Record<string, unknown>>): ResolvedOptions<Options> {
  return {
    ...values,
    ceWeight: (values[LABELS_OPTION] as number | undefined) ?? labels?.weight ?? 0,
  } as ResolvedOptions<Options>;
}

/** The options of the method's preset with this name. Throws UNKNOWN_NAME, with the names there are; ARGUMENT for a method that has none. */
function presetOptions({ name: method, presets = {} }: AnyMethod, name: string): Readonly<Record<string, unknown>> {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset) return preset.options;
  const known = Object.keys(presets);
  if (known.length > 0) unknownName(`preset of method ${method}`, name, known);
  throw new LimbeckError("ARGUMENT", `method ${method} has no presets; leave preset ${name} out`);
}

const [LEAST, MOST] = [1e-12, 1e9];

/**
 * The options of a method, each number in them 0 or between 1e-12 and 1e9 in size, so that neither it, its square nor its
 * reciprocal leaves the range of float32: a weight of 1e308 would be infinite in the engine. Throws ARGUMENT, listing those
 * that are not.
 */
export function bounded<Values>(method: string, options: Values): Values {
  const problems = [...numbersIn(options, "")].flatMap(([path, value]) => {
    const size = Math.abs(value);
    if (size === 0 || (size >= LEAST && size <= MOST)) return [];
    return [`  ${path}: should be 0, or from ${LEAST} to ${MOST} in size, got ${value}`];
  });
  if (problems.length === 0) return options;
  throw new LimbeckError("ARGUMENT", `options of method ${method}:\n${problems.join("\n")}`);
}

function* numbersIn(value: unknown, path: string): Generator<readonly [path: string, value: number]> {
  if (typeof value === "number") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* numbersIn(inner, path ? `${path}.${key}` : key);
}
