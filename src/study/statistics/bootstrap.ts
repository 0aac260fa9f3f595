/** @file How far a gain moves with other seeds and other test images. */
import { shown } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { torchRandom } from "../../random/index.ts";
import { checkPaired, checkShare } from "./finite.ts";
import type { Bounds } from "./summary.ts";

/** For each seed, 1 for each test image that the run classified correctly, else 0; all runs on the same images in the same order. */
export type CorrectFlags = readonly ArrayLike<number>[];

/** How to resample. */
export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Samples to draw; default 1000. */
  readonly resamples?: number;
  /** Of the random stream, default 0: the same input gives the same interval. */
  readonly seed?: number;
}

/**
 * The percentile bootstrap interval of a method's mean gain over a baseline, in percentage points. The gain of seed s on image i is
 * dₛᵢ = values[s][i] - baseline[s][i]. A resample draws as many seeds as there are, and, independently, as many images as there are, with
 * replacement, and takes 100 times the mean of dₛᵢ over both. Seeds and images are two strata that cross each other (Owen, The Pigeonhole
 * Bootstrap, Annals of Applied Statistics 2007), which errs to the wide side. Bounds are linear between order statistics.
 *
 * `undefined` for one seed: it shows nothing of other seeds. Cost: resamples × images. Random numbers are those of PyTorch's mt19937.
 *
 * Throws ARGUMENT for different numbers of seeds or images, none of them, flags other than 0 and 1, and options outside their range. Efron and Tibshirani,
 * An Introduction to the Bootstrap, 1993.
 */
export function bootstrapGain(
  values: CorrectFlags,
  baseline: CorrectFlags,
  { confidence = 0.95, resamples = 1000, seed = 0 }: BootstrapOptions = {},
): Bounds | undefined {
  checkShare("bootstrapGain", "confidence", confidence);
  if (!Number.isSafeInteger(resamples) || resamples < 1)
    throw new LimbeckError("ARGUMENT", `bootstrapGain: resamples should be 1 or more, got ${shown(resamples)}`);
  checkPaired("bootstrapGain", values, baseline);
  const images = checkedImages([...values, ...baseline]);
  const seeds = values.length;
  if (seeds < 2) return undefined;
  const differences = values.map((flags, s) =>
    Int8Array.from({ length: images }, (_, i) => (flags[i] ?? 0) - (baseline[s]?.[i] ?? 0)),
  );
  const random = torchRandom(seed);
  const gains = Float64Array.from({ length: resamples }, () => {
    const summed = new Int32Array(images);
    for (const s of random.randint(seeds, 0, seeds)) addTo(summed, differences[s] ?? []);
    let total = 0;
    for (const i of random.randint(images, 0, images)) total += summed[i] ?? 0;
    return (100 * total) / (seeds * images);
  }).sort();
  return [quantile(gains, (1 - confidence) / 2), quantile(gains, (1 + confidence) / 2)];
}

function addTo(sums: Int32Array, values: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (values[i] ?? 0);
}

/** The number of images, the same for all. */
function checkedImages(runs: CorrectFlags): number {
  const images = runs[0]?.length ?? 0;
  if (images === 0)
    throw new LimbeckError("ARGUMENT", "bootstrapGain: expected at least one seed and one test image, got none");
  for (const flags of runs) {
    if (flags.length !== images) {
      throw new LimbeckError(
        "ARGUMENT",
        `bootstrapGain: all runs should be of the same test images, got ${images} and ${flags.length}`,
      );
    }
    for (let i = 0; i < images; i++) {
      if (flags[i] === 0 || flags[i] === 1) continue;
      throw new LimbeckError(
        "ARGUMENT",
        `bootstrapGain: the flag of test image ${i} should be 0 or 1, got ${shown(flags[i])}`,
      );
    }
  }
  return images;
}

/** Of sorted values, linear between neighbours, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (high - low) * (at - below);
}
