/** @file Mixup and CutMix: each image of a batch is averaged with another of it, or gets a part of it; so is what it should be taken for. */
import type { Rectangle } from "../images/index.ts";
import { LimbeckError } from "../errors.ts";
import { Stream } from "./stream.ts";

/** How a batch is mixed. */
export interface Mixing {
  /** λ: what an image counts; its partner counts the rest. A float32. */
  readonly share: number;
  /** The place in the batch of each image's partner. */
  readonly partners: readonly number[];
  /** What comes from the partner, of images of this width and height; without it, images are averaged. */
  readonly part?: { readonly area: Rectangle; readonly width: number; readonly height: number };
}

/** What shares can be drawn with: below, both draws underflow; above, hardly a pair of draws is taken. */
export const alphaRange = { least: 0.05, most: 8 } as const;

/** Sets this use of a seed apart from others: "mix " in ASCII. */
const KEY = 0x6d697820;
/** And these: "cutm" and "coin". */
const CUT_KEY = 0x6375746d;
const COIN_KEY = 0x636f696e;

/** What images of a batch are mixed by: Mixup, CutMix, or one of the two by a coin for each batch. */
export interface MixingOptions {
  readonly mixup?: { readonly alpha: number } | undefined;
  readonly cutmix?: { readonly alpha: number } | undefined;
  readonly seed: number;
}

/** Whether images are mixed at all. */
export function isMixing({ mixup, cutmix }: Pick<MixingOptions, "mixup" | "cutmix"> = {}): boolean {
  return mixup !== undefined || cutmix !== undefined;
}

/** How a batch is mixed, if at all, of images of this size. As `mixing` and `cutMixing`. */
export function batchMixing(
  { mixup, cutmix, seed }: MixingOptions,
  epoch: number,
  batch: number,
  count: number,
  size: { readonly width: number; readonly height: number },
): Mixing | undefined {
  const isCut = cutmix && (!mixup || new Stream(seed ^ COIN_KEY, epoch, batch).below(2) === 1);
  if (isCut) return cutMixing(cutmix.alpha, seed, epoch, batch, count, size);
  return mixup && mixing(mixup.alpha, seed, epoch, batch, count);
}

/**
 * The mixing of batch `batch` of an epoch, of `count` images: λ ~ Beta(α, α) for all of them, partners in random order.
 * Depends on its arguments alone. Throws ARGUMENT unless α is from 0.05 to 8. Zhang, Cissé, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", 2018.
 */
export function mixing(alpha: number, seed: number, epoch: number, batch: number, count: number): Mixing {
  checkAlpha("mixing", alpha);
  const random = new Stream(seed ^ KEY, epoch, batch);
  return { share: Math.fround(beta(alpha, random)), partners: random.permutation(count) };
}

/**
 * The CutMix of a batch: a rectangle of the image's shape, 1 - λ of its area with λ ~ Beta(α, α), around any pixel; what lies
 * outside is lost, and λ becomes what is left of an image. As `mixing`. Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers", 2019.
 */
export function cutMixing(
  alpha: number,
  seed: number,
  epoch: number,
  batch: number,
  count: number,
  { width, height }: { readonly width: number; readonly height: number },
): Mixing {
  checkAlpha("cutMixing", alpha);
  const random = new Stream(seed ^ CUT_KEY, epoch, batch);
  const side = Math.sqrt(1 - beta(alpha, random));
  const [left, right] = span(width, side, random);
  const [top, bottom] = span(height, side, random);
  const area = { left, top, width: right - left, height: bottom - top };
  const share = Math.fround(1 - (area.width * area.height) / (width * height));
  return { share, partners: random.permutation(count), part: { area, width, height } };
}

/** From where to where a part of a side goes that lies around any of its pixels. */
function span(side: number, share: number, random: Stream): [from: number, to: number] {
  const length = Math.floor(side * share);
  const from = random.below(side) - Math.floor(length / 2);
  return [Math.max(0, from), Math.min(side, from + length)];
}

function checkAlpha(name: string, alpha: number): void {
  const { least, most } = alphaRange;
  if (alpha >= least && alpha <= most) return;
  throw new LimbeckError(
    "ARGUMENT",
    `${name}: alpha should be a number from ${least} to ${most}, got ${String(alpha)}`,
  );
}

/**
 * images[i] ← λ·images[i] + (1 - λ)·images[partners[i]], each of `size` numbers; or their part comes from there. `scratch` holds
 * as many as images.
 */
export function mix(
  images: Float32Array,
  { share, partners, part }: Mixing,
  size: number,
  scratch: Float32Array<ArrayBuffer>,
): void {
  const rest = Math.fround(1 - share);
  scratch.set(images);
  if (part) {
    for (const [i, partner] of partners.entries()) paste(images, i * size, scratch, partner * size, size, part);
    return;
  }
  for (const [i, partner] of partners.entries()) {
    const [at, other] = [i * size, partner * size];
    for (let k = 0; k < size; k++) images[at + k] = share * scratch[at + k]! + rest * scratch[other + k]!;
  }
}

/** images[at ...] ← the part of each plane of scratch[other ...]. */
function paste(
  images: Float32Array,
  at: number,
  scratch: Float32Array,
  other: number,
  size: number,
  { area, width, height }: NonNullable<Mixing["part"]>,
): void {
  const { left, top, width: columns, height: rows } = area;
  for (let plane = 0; plane < size; plane += width * height) {
    for (let y = top; y < top + rows; y++) {
      const start = plane + y * width + left;
      images.set(scratch.subarray(other + start, other + start + columns), at + start);
    }
  }
}

/** Beta(α, α) by Jöhnk's way: X = U^(1/α), Y = V^(1/α), until X + Y ≤ 1; then X / (X + Y). */
function beta(alpha: number, random: Stream): number {
  for (;;) {
    const x = random.between(0, 1) ** (1 / alpha);
    const y = random.between(0, 1) ** (1 / alpha);
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}
