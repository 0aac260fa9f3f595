/** @file PyTorch's CPU generator: the same seed gives the same values, draw by draw (a build without MKL); and the order of its loader. */
import { aNumber, checkArguments, having, shown } from "../arguments.ts";
import { boxMuller16 } from "./box-muller.ts";
import { LimbeckError } from "../errors.ts";
import { Mt19937 } from "./mt19937.ts";
import type { Random, RandomState } from "./random.ts";

/**
 * A stream as after `torch.manual_seed(seed)`. Throws ARGUMENT for a seed that is no whole number of 64 bits;
 * a `number` has to be a safe integer.
 *
 * NOTE: PyTorch keeps the low 32 bits of the seed, so seeds that differ by a multiple of 2^32 give one stream.
 */
export function torchRandom(seed: number | bigint): Random {
  const wide = typeof seed === "bigint" ? seed : Number.isSafeInteger(seed) ? BigInt(seed) : -1n;
  if (wide < 0n || wide >= 1n << 64n) {
    throw new LimbeckError("ARGUMENT", `a seed should be a whole number from 0 to 2^64 - 1, got ${shown(seed)}`);
  }
  return new TorchRandom(Number(wide & 0xffffffffn));
}

class TorchRandom implements Random {
  readonly #twister: Mt19937;
  #pendingNormal: number | null = null;

  constructor(seed: number) {
    this.#twister = new Mt19937(seed);
  }

  uniform(count: number, from: number, to: number): Float32Array {
    checkArguments("uniform", { from: [from, aNumber], to: [to, aNumber] });
    const values = new Float32Array(checkedCount(count));
    const from32 = Math.fround(from);
    const width = Math.fround(Math.fround(to) - from32);
    // NOTE: PyTorch's kernel multiplies and adds with one rounding; in float64 the product is exact.
    for (let i = 0; i < count; i++) values[i] = this.#fraction24() * width + from32;
    return values;
  }

  normal(count: number, mean: number, std: number): Float32Array {
    checkArguments("normal", { mean: [mean, aNumber], std: [std, aNumber] });
    if (checkedCount(count) < 16) return Float32Array.from({ length: count }, () => this.#normal() * std + mean);
    const values = this.uniform(count, 0, 1);
    for (let at = 0; at + 16 <= count; at += 16) boxMuller16(values, at, mean, std);
    if (count % 16 !== 0) {
      // NOTE: PyTorch draws the last 16 again, though some of them are done already.
      values.set(this.uniform(16, 0, 1), count - 16);
      boxMuller16(values, count - 16, mean, std);
    }
    return values;
  }

  int64(): bigint {
    const high = this.#twister.next() & 0x7fffffff;
    return (BigInt(high) << 32n) | BigInt(this.#twister.next());
  }

  randint(count: number, from: number, to: number): Int32Array {
    if (from !== (from | 0) || to > 2 ** 31 || !Number.isInteger(to) || from >= to) {
      throw new LimbeckError(
        "ARGUMENT",
        `randint: from < to should be whole numbers of 32 bits, got ${from} and ${to}`,
      );
    }
    const values = new Int32Array(checkedCount(count));
    for (let i = 0; i < count; i++) values[i] = from + (this.#twister.next() % (to - from));
    return values;
  }

  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: checkedCount(n) }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.#twister.next() % (n - i));
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  }

  bernoulli(out: Float32Array, keep: number): void {
    if (!(keep > 0 && keep <= 1)) {
      throw new LimbeckError("ARGUMENT", `bernoulli: the probability to keep should be in (0, 1], got ${keep}`);
    }
    const kept = 1 / Math.fround(keep);
    for (let i = 0; i < out.length; i++) out[i] = this.#fraction53() < keep ? kept : 0;
  }

  multinomial(weights: Float64Array, count: number): Int32Array {
    checkWeights(weights);
    let total = 0;
    const upTo = weights.map((weight) => (total += weight)).map((sum) => sum / total);
    upTo[upTo.length - 1] = 1;
    return Int32Array.from({ length: checkedCount(count) }, () => firstFrom(upTo, this.#fraction53()));
  }

  state(): RandomState {
    return { ...this.#twister.state(), pendingNormal: this.#pendingNormal };
  }

  restore(state: RandomState): void {
    const given = having("an object", {
      pendingNormal: { expected: "a number or null", is: (value) => value === null || aNumber.is(value) },
    });
    checkArguments("restore", { state: [state, given] });
    if (state.pendingNormal !== null && !Number.isFinite(state.pendingNormal)) {
      throw new LimbeckError(
        "ARGUMENT",
        `a random state's pending normal should be a number or null, got ${state.pendingNormal}`,
      );
    }
    this.#twister.restore(state);
    this.#pendingNormal = state.pendingNormal;
  }

  /** Uniform in [0, 1) in steps of 2^-24. */
  #fraction24(): number {
    return (this.#twister.next() & 0xffffff) * 2 ** -24;
  }

  /** Uniform in [0, 1) in steps of 2^-53, from two draws, the first of which gives the upper bits. */
  #fraction53(): number {
    const high = this.#twister.next() & 0x1fffff;
    return (high * 2 ** 32 + this.#twister.next()) * 2 ** -53;
  }

  /** Standard normal in float64, by pairs: r·cos θ now, r·sin θ at the next call. */
  #normal(): number {
    const pending = this.#pendingNormal;
    if (pending !== null) {
      this.#pendingNormal = null;
      return pending;
    }
    const angle = 2 * Math.PI * this.#fraction53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#fraction53()));
    this.#pendingNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

function checkWeights(weights: Float64Array): void {
  const given = { expected: "a Float64Array of weights", is: (value: unknown) => value instanceof Float64Array };
  checkArguments("multinomial", { weights: [weights, given] });
  if (weights.every((weight) => weight >= 0 && weight < Infinity) && weights.some((weight) => weight > 0)) return;
  throw new LimbeckError("ARGUMENT", "multinomial: weights should be numbers from 0, one at least above that");
}

/** The place of the first of ascending values that is not below. */
function firstFrom(ascending: Float64Array, value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** NOTE: a list of more would not fit into memory. */
const mostValues = 2 ** 32;

/** Throws ARGUMENT unless it is a number of values that can be drawn. */
function checkCount(count: number): void {
  if (Number.isSafeInteger(count) && count >= 0 && count < mostValues) return;
  throw new LimbeckError(
    "ARGUMENT",
    `the number of values to draw should be a whole number from 0 to ${mostValues - 1}, got ${shown(count)}`,
  );
}

function checkedCount(count: number): number {
  checkCount(count);
  return count;
}

/** How a loader goes through its images: in their order or shuffled; or with WeightedRandomSampler, which draws as many as there are with replacement, each by its weight. */
export type LoaderOptions = { readonly shuffle: boolean } | { readonly weights: Float64Array };

/**
 * The indices 0 to count - 1 as one iteration over `DataLoader(dataset, shuffle=...)` visits them, or `DataLoader(dataset, sampler=WeightedRandomSampler(weights, count))`.
 *
 * Draws one int64, the workers' base seed, shuffled or not; then, if shuffled, another that seeds a generator of the
 * sampler's own for the permutation; weighted draws are the stream's own. Training orders differ from PyTorch's if the first is left out, for evaluations too.
 */
export function loaderOrder(random: Random, count: number, options: LoaderOptions): Int32Array {
  checkCount(count);
  random.int64();
  if ("weights" in options) {
    if (options.weights.length === count) return random.multinomial(options.weights, count);
    throw new LimbeckError("ARGUMENT", `loaderOrder: weights should be ${count}, got ${options.weights.length}`);
  }
  return options.shuffle
    ? torchRandom(random.int64()).permutation(count)
    : Int32Array.from({ length: count }, (_, i) => i);
}
