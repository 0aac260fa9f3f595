/** @file What tuning searches for a row: the recipe's learning rate and weight decay, and the numbers among its methods' options. */
import { option, type AnyMethod } from "../../distill/index.ts";
import type { TuneDescription } from "../description.ts";
import type { Draw, Ranges } from "./draw.ts";

/** A row's settings with every default filled in. */
export interface ResolvedRow {
  readonly learningRate: number;
  readonly optimiserOptions: Readonly<Record<string, unknown>>;
  /** The method's; of several methods, each one's by its name. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What is searched, and what it is where it is not. */
export interface SearchSpace {
  readonly ranges: Ranges;
  /** The described values of what is searched. */
  readonly described: Draw;
  /** Options that count epochs, and shrink with the trials that have fewer. */
  readonly inEpochs: Draw;
}

/** Weight decay where the recipe has none. */
const someDecay = { from: 1e-5, to: 1e-2, scale: "log" } as const;

/**
 * Learning rate and weight decay from a tenth to ten times of the recipe's, unless the description has other ranges, and each option from the range
 * that it declares. What the row fixes is not searched: options that are `given`, and settings of a grid.
 */
export function searchSpace(
  { learningRate, optimiserOptions, options }: ResolvedRow,
  methods: readonly Pick<AnyMethod, "name" | "options">[],
  { given, grid, tune }: { readonly given: object; readonly grid: object; readonly tune: TuneDescription },
): SearchSpace {
  const weightDecay = Number(optimiserOptions["weightDecay"] ?? 0);
  const settings = [
    !("learningRate" in grid) && (["learningRate", tune.learningRate, learningRate, undefined] as const),
    !("optimiserOptions" in grid) && (["weightDecay", tune.weightDecay, weightDecay, someDecay] as const),
  ].flatMap((each) => {
    if (!each) return [];
    const [name, ends, value, otherwise] = each;
    const range = ends ? { from: ends[0], to: ends[1], scale: "log" as const } : option.around(value, 10) || otherwise;
    return range ? [{ name, value, range }] : [];
  });
  const numbers = methods.flatMap((method) =>
    Object.entries(method.options).flatMap(([name, { search, unit }]) => {
      const value = methods.length === 1 ? options[name] : nested(options[method.name], name);
      const path = methods.length === 1 ? name : `${method.name}.${name}`;
      const isGiven = name in given || `${method.name}.${name}` in given;
      return typeof value === "number"
        ? [{ name: `options.${path}`, value, range: isGiven ? undefined : search, unit }]
        : [];
    }),
  );
  const searched = [...settings, ...numbers].flatMap(({ name, value, range }) =>
    range ? [{ name, value, range }] : [],
  );
  return {
    ranges: Object.fromEntries(searched.map(({ name, range }) => [name, range])),
    described: Object.fromEntries(searched.map(({ name, value }) => [name, value])),
    inEpochs: Object.fromEntries(
      numbers.filter(({ unit }) => unit === "epochs").map(({ name, value }) => [name, value]),
    ),
  };
}

function nested(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
