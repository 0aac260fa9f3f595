/**
 * @file What is counted, in words: where a teacher's answers stand for labels, agreement with it, which in files and for programs is never called
 * accuracy; where the validation images stand for those of the test, nothing is called a test.
 */

type Words = readonly (readonly [inMemory: string, inJson: string])[];

/** Names in memory, and in JSON. */
const agreementWords: Words = [
  ["accuracy", "agreement"],
  ["balancedAccuracy", "balancedAgreement"],
  ["testAccuracy", "testAgreement"],
  ["validationAccuracy", "validationAgreement"],
  ["correct", "agreeing"],
];
const validationWords: Words = [
  ["test", "measured"],
  ["testAccuracy", "measuredAccuracy"],
  ["testInterval", "measuredInterval"],
];

/** What was counted, and on which images, if not how often a network is right about the test images. */
export interface Measured {
  readonly measure?: "agreement" | undefined;
  readonly measuredOn?: "validation" | undefined;
}

/** Of what a figure says how often a network is right. */
export function imagesMeasured({ measuredOn }: Measured): string {
  return `${measuredOn ?? "test"} images`;
}

/** A record, results or an evaluation as JSON is to have it. */
export function inWords<Value extends Measured>(value: Value): unknown {
  const names = new Map(wordsOf(value));
  return names.size > 0 ? renamed(value, names) : value;
}

/** What was read from JSON as it is in memory. */
export function fromWords(value: unknown): unknown {
  const names = new Map(wordsOf((value ?? {}) as Measured).map(([inMemory, inJson]) => [inJson, inMemory] as const));
  return names.size > 0 ? renamed(value, names) : value;
}

/** NOTE: the two do not meet: of pictures without labels the test images are always looked at. */
function wordsOf({ measure, measuredOn }: Measured): Words {
  return [...(measure === "agreement" ? agreementWords : []), ...(measuredOn === "validation" ? validationWords : [])];
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
