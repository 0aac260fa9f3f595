/** @file Mixup: each image of a batch is averaged with another of it, and so are what it should be taken for. */
import { LimbeckError } from "../errors.ts";
import { Stream } from "./stream.ts";

/** How a batch is mixed. */
export interface Mixing {
  /** λ: what an image counts; its partner counts the rest. A float32. */
  readonly share: number;
  /** The place in the batch of each image's partner. */
  readonly partners: readonly number[];
}

/** What shares can be drawn with: below, both draws underflow; above, hardly a pair of draws is taken. */
export const alphaRange = { least: 0.05, most: 8 } as const;

/** Sets this use of a seed apart from others: "mix " in ASCII. */
const KEY = 0x6d697820;

/**
 * The mixing of batch `batch` of an epoch, of `count` images: λ ~ Beta(α, α) for all of them, partners in random order.
 * Depends on its arguments alone. Throws ARGUMENT unless α is from 0.05 to 8. Zhang, Cissé, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", 2018.
 */
export function mixing(alpha: number, seed: number, epoch: number, batch: number, count: number): Mixing {
  const { least, most } = alphaRange;
  if (!(alpha >= least && alpha <= most)) {
    throw new LimbeckError(
      "ARGUMENT",
      `mixing: alpha should be a number from ${least} to ${most}, got ${String(alpha)}`,
    );
  }
  const random = new Stream(seed ^ KEY, epoch, batch);
  return { share: Math.fround(beta(alpha, random)), partners: random.permutation(count) };
}

/** images[i] ← λ·images[i] + (1 - λ)·images[partners[i]], each of `size` numbers. `scratch` holds as many as images. */
export function mix(
  images: Float32Array,
  { share, partners }: Mixing,
  size: number,
  scratch: Float32Array<ArrayBuffer>,
): void {
  const rest = Math.fround(1 - share);
  scratch.set(images);
  for (const [i, partner] of partners.entries()) {
    const [at, other] = [i * size, partner * size];
    for (let k = 0; k < size; k++) images[at + k] = share * scratch[at + k]! + rest * scratch[other + k]!;
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
