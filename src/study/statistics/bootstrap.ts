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
  /** `drawImages` of these images, if many gains are measured on them: drawing takes longest. `resamples` is then their number. */
  readonly draws?: ImageDraws | undefined;
}

/** For each resample, how often each image is in it. */
export type ImageDraws = readonly Uint8Array[];

/** Draws as many images as there are, with replacement, for each resample. Throws ARGUMENT for numbers that are none. */
export function drawImages(images: number, resamples = 1000, seed = 0): ImageDraws {
  for (const [name, value] of Object.entries({ images, resamples }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new LimbeckError("ARGUMENT", `bootstrapGain: ${name} should be 1 or more, got ${shown(value)}`);
  const random = torchRandom(seed);
  return Array.from({ length: resamples }, () => {
    const drawn = new Uint8Array(images);
    for (const i of random.randint(images, 0, images)) drawn[i] = (drawn[i] ?? 0) + 1;
    return drawn;
  });
}

/**
 * The percentile bootstrap interval of a method's mean gain over a baseline, in percentage points. The gain of seed s on image i is
 * dₛᵢ = values[s][i] - baseline[s][i]. A resample draws as many seeds as there are, and, independently, as many images as there are, with
 * replacement, and takes 100 times the mean of dₛᵢ over both. Seeds and images are two strata that cross each other (Owen, The Pigeonhole
 * Bootstrap, Annals of Applied Statistics 2007), which errs to the wide side. Bounds are linear between order statistics.
 *
 * `undefined` for one seed: it shows nothing of other seeds. Cost: resamples × seeds × images on which the two differ, and drawing. Random numbers are those
 * of PyTorch's mt19937.
 *
 * Throws ARGUMENT for different numbers of seeds or images, none of them, flags other than 0 and 1, and options outside their range. Efron and Tibshirani,
 * An Introduction to the Bootstrap, 1993.
 */
export function bootstrapGain(
  values: CorrectFlags,
  baseline: CorrectFlags,
  { confidence = 0.95, resamples = 1000, seed = 0, draws }: BootstrapOptions = {},
): Bounds | undefined {
  checkShare("bootstrapGain", "confidence", confidence);
  checkPaired("bootstrapGain", values, baseline);
  const images = checkedImages([...values, ...baseline]);
  const drawn = draws ?? drawImages(images, resamples, seed);
  const other = drawn.find(({ length }) => length !== images);
  if (other)
    throw new LimbeckError("ARGUMENT", `bootstrapGain: draws should be of ${images} images, got ${other.length}`);
  const seeds = values.length;
  if (seeds < 2) return undefined;
  const differences = values.map((flags, s) => differing(flags, baseline[s] ?? []));
  // Not the stream that drew the images.
  const random = torchRandom(seed + 1);
  const gains = Float64Array.from(drawn, (images) => {
    const times = new Uint32Array(seeds);
    for (const s of random.randint(seeds, 0, seeds)) times[s] = (times[s] ?? 0) + 1;
    let total = 0;
    for (const [s, { gained, lost }] of differences.entries()) {
      const count = times[s] ?? 0;
      if (count > 0) total += count * (timesDrawn(images, gained) - timesDrawn(images, lost));
    }
    return (100 * total) / (seeds * images.length);
  }).sort();
  return [quantile(gains, (1 - confidence) / 2), quantile(gains, (1 + confidence) / 2)];
}

/** The images that one run alone classifies correctly. */
function differing(flags: ArrayLike<number>, baseline: ArrayLike<number>): Record<"gained" | "lost", Uint32Array> {
  const images = Uint32Array.from({ length: flags.length }, (_, i) => i);
  return {
    gained: images.filter((i) => (flags[i] ?? 0) > (baseline[i] ?? 0)),
    lost: images.filter((i) => (flags[i] ?? 0) < (baseline[i] ?? 0)),
  };
}

function timesDrawn(drawn: Uint8Array, images: Uint32Array): number {
  let sum = 0;
  for (let at = 0; at < images.length; at++) sum += drawn[images[at]!]!;
  return sum;
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
