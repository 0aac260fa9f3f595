/** @file The known name closest to a mistyped one, for error messages. */
import leven from "leven";

/**
 * The candidate that takes the fewest single-letter edits to become `name`, case ignored; `undefined` where none is
 * close: more than a third of the letters, rounded up, would change. The first of equals wins.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
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
