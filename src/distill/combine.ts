/** @file Several methods at once: which option is whose. */
import { LimbeckError } from "../errors.ts";
import { unknownName } from "../nearest-name.ts";
import type { AnyMethod } from "./method.ts";
import { joined, type Objective } from "./objective.ts";
import { LABELS_OPTION, optionsOf, resolve, type ResolvedMethod } from "./resolve.ts";

/** The option that, said plainly, goes to every part that has it. */
const PAIRS_OPTION = "pairs";

/**
 * The methods as one, named `kd+at`. An option is named plainly where one method alone has it, else `at.attentionWeight`;
 * `ceWeight` is that of the first method which has one, since its cross entropy is the one taken; `pairs` are those of all
 * methods that compare places. Loss names that two methods share come
 * with the method's: `mlkd.kd`.
 * A preset is taken of every method.
 *
 * Throws ARGUMENT for a method given twice, for options as `objective` does, and where two methods make another network of
 * the student; UNKNOWN_NAME for an option that none of them has.
 */
export function combined(
  methods: readonly AnyMethod[],
  options: Readonly<Record<string, unknown>> = {},
  preset?: string,
): Objective {
  const [first, ...others] = methods;
  if (!first) throw new LimbeckError("ARGUMENT", "combined: methods should be at least one, got none");
  if (others.length === 0) return joined([resolve(first, options, preset)], preset);
  checkDistinct(methods);
  const own = distribute(methods, options);
  const resolved = (method: AnyMethod): ResolvedMethod => resolve(method, own.get(method) ?? {}, preset);
  return joined([resolved(first), ...others.map(resolved)], preset);
}

/** Each method's own options, by its own names. */
function distribute(
  methods: readonly AnyMethod[],
  options: Readonly<Record<string, unknown>>,
): Map<AnyMethod, Record<string, unknown>> {
  // NOTE: entries, because assigning the key `__proto__` would set no key.
  const own = new Map(methods.map((method) => [method, [] as [string, unknown][]]));
  const give = (method: AnyMethod, ...entries: [string, unknown][]): void => void own.get(method)?.push(...entries);
  for (const [key, value] of Object.entries(options)) {
    const at = key.indexOf(".");
    const [prefix, name] = at < 0 ? [undefined, key] : [key.slice(0, at), key.slice(at + 1)];
    const nested = methods.find((method) => method.name === key);
    const comparing = methods.filter((method) => key === PAIRS_OPTION && optionNames(method).includes(PAIRS_OPTION));
    if (nested && typeof value === "object" && value !== null) give(nested, ...Object.entries(value));
    else if (comparing.length > 0) for (const method of comparing) give(method, [key, value]);
    else give(ownerOf(methods, prefix, name), [name, value]);
  }
  return new Map([...own].map(([method, entries]) => [method, Object.fromEntries(entries)]));
}

function ownerOf(methods: readonly AnyMethod[], prefix: string | undefined, option: string): AnyMethod {
  if (prefix !== undefined) {
    const method = methods.find(({ name }) => name === prefix);
    return (
      method ??
      unknownName(
        "method of the combination",
        prefix,
        methods.map(({ name }) => name),
      )
    );
  }
  const owners = methods.filter((method) => optionNames(method).includes(option));
  const [owner, another] = owners;
  if (!owner) unknownName("option", option, [...new Set(methods.flatMap(optionNames))]);
  if (another && option !== LABELS_OPTION) {
    throw new LimbeckError(
      "ARGUMENT",
      `option ${option} should say whose it is, ${owners.map(({ name }) => `${name}.${option}`).join(" or ")}`,
    );
  }
  return owner;
}

function optionNames(method: AnyMethod): string[] {
  return Object.keys(optionsOf(method));
}

function checkDistinct(methods: readonly AnyMethod[]): void {
  const twice = methods.find(({ name }, i) => methods.findIndex((other) => other.name === name) < i);
  if (twice) throw new LimbeckError("ARGUMENT", `method ${twice.name} should be given once; leave the second out`);
}
