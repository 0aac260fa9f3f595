/** @file The known name closest to a mistyped one, for error messages. */

/**
 * The candidate that takes the fewest single-letter edits to become `name`, case ignored; `undefined` where none is
 * close: more than a third of the letters, rounded up, would change. The first of equals wins.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least && edits <= Math.ceil(Math.max(name.length, candidate.length) / 3)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** Levenshtein's distance: insertions, deletions and substitutions of one letter. */
function editDistance(a: string, b: string): number {
  // `row[j]` is the distance from the letters of `a` so far to the first j of `b`.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
