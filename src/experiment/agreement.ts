/** @file What is counted where a teacher's answers stand for labels: agreement with it, which in files and for programs is never called accuracy. */

/** Names in memory, and in JSON. */
const words: readonly (readonly [inMemory: string, inJson: string])[] = [
  ["accuracy", "agreement"],
  ["testAccuracy", "testAgreement"],
  ["validationAccuracy", "validationAgreement"],
  ["correct", "agreeing"],
];
const toJson: ReadonlyMap<string, string> = new Map(words);
const fromJson: ReadonlyMap<string, string> = new Map(words.map(([inMemory, inJson]) => [inJson, inMemory]));

/** Whether agreement was counted. */
export interface Measured {
  readonly measure?: "agreement";
}

/** A record, results or an evaluation as JSON is to have it. */
export function inWords<Value extends Measured>(value: Value): unknown {
  return value.measure === "agreement" ? renamed(value, toJson) : value;
}

/** What was read from JSON as it is in memory. */
export function fromWords(value: unknown): unknown {
  return (value as Measured | null)?.measure === "agreement" ? renamed(value, fromJson) : value;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      names.get(key) ?? key,
      key === "options" ? inner : renamed(inner, names),
    ]),
  );
}
