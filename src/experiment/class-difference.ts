/** @file How two lists of classes differ, in words: the names that do, with their places. */

/** How many names a message lists. */
const LISTED = 5;

/**
 * `number 7 is "horze" instead of "horse"`, counted from 0; of lists that are not equally long, the names that one alone has:
 * `"wolf" (number 4) is missing, "cat" (number 2) is in addition`. Empty for equal lists.
 */
export function classDifference(expected: readonly string[], got: readonly string[]): string {
  if (expected.length === got.length) {
    const other = expected.flatMap((name, i) => (name === got[i] ? [] : [`number ${i} is ${quoted(got[i]!, name)}`]));
    return some(other);
  }
  const alone = (names: readonly string[], others: readonly string[], how: string): string[] => {
    const known = new Set(others);
    const found = names.flatMap((name, i) => (known.has(name) ? [] : [`${JSON.stringify(name)} (number ${i})`]));
    return found.length === 0 ? [] : [`${some(found)} ${found.length === 1 ? "is" : "are"} ${how}`];
  };
  const parts = [...alone(expected, got, "missing"), ...alone(got, expected, "in addition")];
  return parts.join("; ") || `${got.length} names instead of ${expected.length}`;
}

/** The first, and how many there are besides. */
export function some(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return names.slice(0, LISTED).join(", ") + more;
}

function quoted(got: string, expected: string): string {
  return `${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`;
}
