/** @file How far shares of a limited number of test images can be trusted. */

/** In percent. */
export type Interval = readonly [low: number, high: number];

/** How many of some images, beside the interval that the share of endlessly many such images lies in. */
export interface Share {
  readonly images: number;
  readonly of: number;
  /** Percent; missing of no images. */
  readonly percent?: number | undefined;
  /** See `wilson`. */
  readonly interval: Interval;
}

/** Of 95 intervals in 100 the true value lies inside: the standard normal's quantile at 0.975. */
const Z = 1.959963984540054;

export function share(images: number, of: number): Share {
  return { images, of, percent: of > 0 ? (100 * images) / of : undefined, interval: wilson(images, of) };
}

/**
 * Where the share on endlessly many such images lies, 95 times of 100, in percent:
 * (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.96. It says nothing about other seeds.
 *
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
 */
export function wilson(images: number, of: number): Interval {
  if (of === 0) return [0, 100];
  const p = images / of;
  const centre = p + (Z * Z) / (2 * of);
  const reach = Z * Math.sqrt((p * (1 - p)) / of + (Z * Z) / (4 * of * of));
  const scale = 100 / (1 + (Z * Z) / of);
  return [images === 0 ? 0 : (centre - reach) * scale, images === of ? 100 : (centre + reach) * scale];
}

/** Of how many images two networks say the same, rightly or not. Throws nothing: the shorter list counts. */
export function agreement(a: readonly number[], b: readonly number[]): Share {
  const of = Math.min(a.length, b.length);
  let same = 0;
  for (let i = 0; i < of; i++) if (a[i] === b[i]) same++;
  return share(same, of);
}

/** How much more of the same images one network gets right than another. */
export interface PairedDifference {
  /** Images that only the one gets right, and only the other. */
  readonly gained: number;
  readonly lost: number;
  /** Percent of all images: (gained - lost) / n. */
  readonly points: number;
  /** Of the points, 95 %. */
  readonly interval: Interval;
}

/**
 * `after` against `before` on the same n images, g gained and l lost. With half an image more in each of the four cells,
 * g' = g + ½, l' = l + ½, n' = n + 2, the interval is (g' - l') / n' ± z √(g' + l' - (g' - l')² / n') / n'.
 * Images that both get right or wrong do not widen it, so it is narrower than those of the two accuracies.
 *
 * A. Agresti and Y. Min, Simple improved confidence intervals for comparing matched proportions, 2005.
 */
export function pairedDifference(
  before: readonly number[],
  after: readonly number[],
  labels: ArrayLike<number>,
): PairedDifference {
  let gained = 0;
  let lost = 0;
  for (let i = 0; i < labels.length; i++) {
    const isRight = after[i] === labels[i];
    if (isRight === (before[i] === labels[i])) continue;
    if (isRight) gained++;
    else lost++;
  }
  const n = labels.length + 2;
  const centre = (gained - lost) / n;
  const reach = (Z * Math.sqrt(gained + lost + 1 - (gained - lost) ** 2 / n)) / n;
  return {
    gained,
    lost,
    points: (100 * (gained - lost)) / Math.max(1, labels.length),
    interval: [100 * Math.max(-1, centre - reach), 100 * Math.min(1, centre + reach)],
  };
}
