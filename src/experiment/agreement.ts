/**
 * @file What was measured, and its names in JSON: where a teacher's predictions replace labels, agreement with it, which files and programs never call
 * accuracy; where the validation images replace those of the test, nothing is called a test.
 */

/** Each name of a figure in memory, and its name in JSON. */
type Names = ReadonlyMap<string, string>;

const agreementNames = [
  ["accuracy", "agreement"],
  ["balancedAccuracy", "balancedAgreement"],
  ["testAccuracy", "testAgreement"],
  ["validationAccuracy", "validationAgreement"],
  ["correct", "agreeing"],
] as const;
const validationNames = [
  ["test", "measured"],
  ["testAccuracy", "measuredAccuracy"],
  ["testInterval", "measuredInterval"],
] as const;

/** What was counted, and on which images, if not how often a network is right about the test images. */
export interface Measured {
  readonly measure?: "agreement" | undefined;
  readonly measuredOn?: "validation" | undefined;
}

/** The images that a figure is of. */
export function imagesMeasured({ measuredOn }: Measured): string {
  return `${measuredOn ?? "test"} images`;
}

/** A `run.json`. */
export function recordAsJson(record: Measured): unknown {
  return recordNamed(namesFor(record))(record);
}

/** What was read from a `run.json`, whatever it is, with the names in memory. */
export function recordFromJson(value: unknown): unknown {
  const names = [...namesFor((value ?? {}) as Measured)];
  return recordNamed(new Map(names.map(([inMemory, inJson]) => [inJson, inMemory])))(value);
}

/** A `results.json`. */
export function resultsAsJson<Results extends Measured>(results: Results): unknown {
  const names = namesFor(results);
  return named(names, { runs: list(named(names, { augmented: named(names) })) })(results);
}

/** The outcome of `limbeck evaluate`. */
export function evaluationAsJson(evaluation: Measured): unknown {
  return evaluationNamed(namesFor(evaluation))(evaluation);
}

/** NOTE: the two do not meet: of pictures without labels the test images are always looked at. */
function namesFor({ measure, measuredOn }: Measured): Names {
  return new Map([
    ...(measure === "agreement" ? agreementNames : []),
    ...(measuredOn === "validation" ? validationNames : []),
  ]);
}

type Change = (value: unknown) => unknown;

function recordNamed(names: Names): Change {
  const [plain, tested] = [named(names), evaluationNamed(names)];
  return named(names, {
    test: tested,
    measured: tested,
    train: plain,
    validation: named(names, { best: plain }),
    epochs: list(plain),
    pretraining: list(named(names, { epochs: list(plain) })),
  });
}

function evaluationNamed(names: Names): Change {
  return named(names, { augmented: named(names), calibration: list(named(names)) });
}

/** An object by these names, some of its parts changed. What is no object stays as it is. */
function named(names: Names, parts: Readonly<Record<string, Change>> = {}): Change {
  return (value) =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value).map(([key, part]) => [
            names.get(key) ?? key,
            Object.hasOwn(parts, key) ? parts[key]!(part) : part,
          ]),
        );
}

function list(each: Change): Change {
  return (value) => (Array.isArray(value) ? value.map(each) : value);
}
