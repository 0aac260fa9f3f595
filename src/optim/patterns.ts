/** @file Names of parameters by pattern. */
import { LimbeckError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";

/** Parameters, by their names, that are trained in the first epochs alone. */
export interface Freeze {
  /** A name, or a pattern: `*` stands for any characters. */
  readonly parameters: string;
  /** Epochs of the training proper, after which they stay as they are; 0 for those that are not trained at all. */
  readonly afterEpochs: number;
}

/** Whether a parameter's name fits a pattern: `*` stands for any characters, or none; the rest as it is. */
export function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  // Each piece where it first stands leaves the most for those that follow.
  let from = first.length;
  for (const piece of rest) {
    const at = name.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}

/** Names that a message lists. */
const LISTED = 12;

/** Throws ARGUMENT, in the name of an option, for a pattern that no name fits: a mistyped one would change nothing. */
export function checkFitting(option: string, patterns: readonly string[], names: readonly string[]): void {
  for (const pattern of patterns) {
    if (names.some((name) => fits(pattern, name))) continue;
    const near = nearestName(pattern, names);
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
    throw new LimbeckError(
      "ARGUMENT",
      `${option}: no parameter that is trained fits ${JSON.stringify(pattern)}${near === undefined ? "" : `; did you mean ${near}?`}; ` +
        `* stands for any characters; there are ${names.slice(0, LISTED).join(", ") || "none"}${more}`,
    );
  }
}
