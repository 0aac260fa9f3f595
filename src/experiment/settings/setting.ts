/**
 * @file A setting of an experiment is one row: its check, its help, its flags. Configurations, `--help`, printed commands, the JSON Schema
 * and docs/settings.md all come from the rows.
 */
import * as z from "zod/mini";

/** Headings of `--help`, in their order. */
export const groups = [
  "Teacher",
  "Student and method",
  "Images",
  "Training",
  "Optimiser",
  "Evaluation",
  "Machine",
] as const;

export interface Setting<Schema extends z.ZodMiniType = z.ZodMiniType> {
  /** Checks the value and fills in the default. */
  readonly schema: Schema;
  readonly group: (typeof groups)[number];
  /** What it does, in one line. Its default follows, unless the schema or `byDefault` has none. */
  readonly help: string;
  /** What else there is to know, for everywhere but the short `--help`. */
  readonly details?: string;
  /** The default in words, where the schema has none to show: `the recipe's`. */
  readonly byDefault?: string;
  /** How it is given on the command line; empty for what only files hold. */
  readonly flags: readonly Flag[];
  /** The words of a command line that give this value, if they are not those of the first flag. */
  words?(value: never): readonly string[];
  /** Names that it may have, and what a message calls one. */
  readonly names?: { readonly kind: string; readonly table: Readonly<Record<string, unknown>> };
  /** Whether the path of a module may stand in place of a name. */
  readonly isModule?: true;
  /** Whether it is the path of a file or folder, or several. */
  readonly isPath?: true;
  /** Settings that it belongs to: another of them does not keep it. */
  readonly belongsTo?: readonly string[];
  /** Whether it may be set again when a run is resumed. */
  readonly isResumable?: true;
}

/** One way to give a setting on the command line, or a part of it. */
export interface Flag {
  /** `--momentum <x>`, or without a value `--nesterov`. */
  readonly usage: string;
  /** Of this flag, where the setting's own help does not say it. */
  readonly help?: string;
  /** Whether the short `--help` shows it; `--help all` shows every flag. */
  readonly isCommon?: true;
  readonly choices?: readonly string[];
  /** Reads the value; as it is by default. Throws ARGUMENT. */
  parse?(text: string): unknown;
  /** What it stands for, where it has no value: true by default. */
  readonly value?: unknown;
  /** The setting's value with this part, given what flags before it made: the part alone by default. */
  join?(before: unknown, part: unknown): unknown;
}

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** The schemas of settings, for `z.strictObject`. */
export type ShapeOf<Rows extends Settings> = { -readonly [Name in keyof Rows]: Rows[Name]["schema"] };

export function shapeOf<Rows extends Settings>(rows: Rows): ShapeOf<Rows> {
  return Object.fromEntries(Object.entries(rows).map(([name, { schema }]) => [name, schema])) as ShapeOf<Rows>;
}

/** `--momentum <x>` is `--momentum`. */
export function flagName({ usage }: Pick<Flag, "usage">): string {
  return usage.replace(/ .*/, "");
}

/** `learningRate` is `--learning-rate`. */
function flagFor(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The values of settings that flags were given for: each flag's name beside its parts, in their order. */
export function settingsFromFlags(
  rows: Settings,
  given: ReadonlyMap<string, readonly unknown[]>,
): Record<string, unknown> {
  const values = Object.entries(rows).flatMap(([name, { flags }]) => {
    const parts = flags.flatMap((flag) => (given.get(flagName(flag)) ?? []).map((part) => ({ join: flag.join, part })));
    if (parts.length === 0) return [];
    const value = parts.reduce<unknown>((before, { join, part }) => (join ? join(before, part) : part), undefined);
    return [[name, value] as const];
  });
  return Object.fromEntries(values);
}

/** The words of a command line that give a setting this value: none where that cannot be said, or changes nothing. */
export function wordsFor(name: string, setting: Setting | undefined, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const [first = { usage: flagFor(name) }, ...others] = setting?.flags ?? [];
  if (setting?.words) return setting.words(value as never);
  if (setting?.flags.length === 0) return [];
  if (typeof value === "boolean") {
    const flag = [first, ...others].find((each) => (each.value ?? true) === value);
    return flag ? [flagName(flag)] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item) => [flagName(first), String(item)]);
  return [flagName(first), String(value)];
}

/** The help of a setting with its default, or of one of its flags. */
export function helpOf(setting: Setting, flag?: Flag): string {
  const short = flag?.help ?? withDefault(setting);
  return setting.details === undefined || flag?.help !== undefined ? short : `${short}; ${setting.details}`;
}

/** The same in one line, without details. */
export function shortHelpOf(setting: Setting, flag: Flag): string {
  return flag.help ?? withDefault(setting);
}

function withDefault(setting: Setting): string {
  const { help } = setting;
  const byDefault = setting.byDefault ?? defaultOf(setting.schema);
  return byDefault === undefined ? help : `${help} (default: ${byDefault})`;
}

/** The schema's default, where it can be shown. */
function defaultOf(schema: z.ZodMiniType): string | undefined {
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  if (def.type !== "default") return undefined;
  const value = def.defaultValue;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** The JSON Schema of settings, for editors. */
export function jsonSchemaOf(rows: Settings): unknown {
  const shape = Object.entries(rows).map(
    ([name, setting]) => [name, setting.schema.check(z.describe(helpOf(setting)))] as const,
  );
  return z.toJSONSchema(z.strictObject(Object.fromEntries(shape)), { io: "input", unrepresentable: "any" });
}
