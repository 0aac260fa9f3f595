/** @file Negatives: images of other classes, drawn for each image of a batch: what contrastive methods push away from. */
import type { Split } from "../data/dataset.ts";
import type { BatchRange } from "../data/loader.ts";
import { LimbeckError } from "../errors.ts";
import type { Random } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import type { StepInput } from "./step-input.ts";

/** Draws negatives from the stream that it is given. */
export interface NegativeSampler {
  /** How many for each image. */
  readonly count: number;
  /** For the images `order[from ... to]`, `count` each, into `out`. */
  draw(random: Random, order: Int32Array, range: BatchRange, out: Int32Array): void;
}

/**
 * A sampler of `wanted` different images for each, or of fewer where some image has fewer images of other classes.
 *
 * Each image's are the first entries of a random order of the images of other classes (Fisher and Yates), which depends on
 * the stream alone. Throws ARGUMENT where there is but one class.
 */
export function negativeSampler(
  { labels, count: images }: Pick<Split, "labels" | "count">,
  wanted: number,
): NegativeSampler {
  const sizes = new Map<number, number>();
  for (let i = 0; i < images; i++) sizes.set(labels[i]!, (sizes.get(labels[i]!) ?? 0) + 1);
  const count = Math.min(wanted, images - Math.max(...sizes.values()));
  if (count < 1) {
    throw new LimbeckError(
      "ARGUMENT",
      `negatives: the training images should be of at least two classes, got ${sizes.size}`,
    );
  }
  const pools = new Map<number, Int32Array>();
  const poolOf = (label: number): Int32Array => {
    const pool = pools.get(label) ?? othersThan(labels, images, label);
    pools.set(label, pool);
    return pool;
  };
  return {
    count,
    draw(random, order, { from, to }, out) {
      for (let n = from; n < to; n++) {
        const pool = poolOf(labels[order[n]!]!);
        drawInto(random, pool, out.subarray((n - from) * count, (n - from + 1) * count));
      }
    },
  };
}

/** Negatives of each image of a batch, drawn again for each: int32 [N, count]. */
export function negativesInput(n: number, { count, draw }: NegativeSampler): StepInput<Int32Array> {
  return {
    symbol: input("negatives", [n, count], "int32"),
    fill: (values, { random, order, range }) => draw(random, order, range, values),
  };
}

/** Different entries of the pool, which is left as it was, so that the next draw does not depend on this one. */
function drawInto(random: Random, pool: Int32Array, out: Int32Array): void {
  const places = random.randint(out.length, 0, 2 ** 31 - 1);
  for (let k = 0; k < out.length; k++) {
    places[k] = k + (places[k]! % (pool.length - k));
    swap(pool, k, places[k]!);
    out[k] = pool[k]!;
  }
  for (let k = out.length - 1; k >= 0; k--) swap(pool, k, places[k]!);
}

function swap(values: Int32Array, a: number, b: number): void {
  const value = values[a]!;
  values[a] = values[b]!;
  values[b] = value;
}

function othersThan(labels: Split["labels"], images: number, label: number): Int32Array {
  const others: number[] = [];
  for (let i = 0; i < images; i++) if (labels[i] !== label) others.push(i);
  return Int32Array.from(others);
}
