/** @file Mistyped names: the known one closest to it, and the error that suggests it. */
import { aString, checkArguments } from "./arguments.ts";
import leven from "leven";
import { LimbeckError } from "./errors.ts";

/** How many known names a message lists. */
const LISTED = 20;

/**
 * Throws UNKNOWN_NAME: `unknown model "LihgtNN"; did you mean LightNN? Known: DeepNN, LightNN`. Where names have its letters and digits
 * and differ in case and signs alone, as `ResNet50` and `resnet50`, all of them are suggested.
 */
export function unknownName(kind: string, name: string, known: readonly string[]): never {
  checkArguments("by name", { [`the ${kind}`]: [name, aString] });
  const alike = known.filter((each) => bare(each) !== "" && bare(each) === bare(name));
  const near = alike.length > 0 ? alike.join(" or ") : nearestName(name, known);
  const suggestion = near === undefined ? "." : `; did you mean ${near}?`;
  const rest = known.length > LISTED ? ` and ${known.length - LISTED} more` : "";
  const list = known.length > 0 ? known.slice(0, LISTED).join(", ") + rest : "none";
  throw new LimbeckError("UNKNOWN_NAME", `unknown ${kind} "${name}"${suggestion} Known: ${list}`);
}

/** Its letters and digits. */
function bare(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * The candidate that takes the fewest single-letter edits to become `name`, case ignored; `undefined` where none is
 * close: more than a third of the letters, rounded up, would change. The first of equals wins.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const edits = leven(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least && edits <= Math.ceil(Math.max(name.length, candidate.length) / 3)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}
