/** @file The unit vector of an angle, to the same bits on every platform. */

/** A unit vector. */
export interface Direction {
  readonly x: number;
  readonly y: number;
}

/**
 * (cos 2πt, sin 2πt) for t turns.
 *
 * NOTE: not `Math.cos` and `Math.sin`: each JavaScript engine may round those its own way. Sums and products are exact
 * IEEE 754 everywhere, so Taylor's series within a quarter turn (error below 1e-8) is the same everywhere.
 */
export function direction(turns: number): Direction {
  const quarters = 4 * (turns - Math.floor(turns));
  const quarter = Math.floor(quarters);
  const angle = (quarters - quarter) * 1.5707963267948966;
  const cosine = series(angle, 0);
  const sine = series(angle, 1);
  if (quarter === 0) return { x: cosine, y: sine };
  if (quarter === 1) return { x: -sine, y: cosine };
  if (quarter === 2) return { x: -cosine, y: -sine };
  return { x: sine, y: -cosine };
}

/** The alternating series of aⁿ/n! over even n from 0 (cosine) or odd n from 1 (sine). */
function series(angle: number, from: 0 | 1): number {
  let term = from === 0 ? 1 : angle;
  let sum = term;
  for (let n = from + 2; n < 18; n += 2) {
    term = (-term * angle * angle) / (n * (n - 1));
    sum += term;
  }
  return sum;
}
