/** @file The contract of a random stream: what initialisation, shuffling and dropout draw from. See torch.ts for the generator. */

/** Where a stream stands, as plain JSON; restoring it continues the same stream. */
export interface RandomState {
  /** The generator's 624 words. */
  readonly words: readonly number[];
  /** How many of them are used up. */
  readonly used: number;
  /** The second half of a pair of normals that was drawn and not yet handed out. */
  readonly pendingNormal: number | null;
}

/** A stream of random numbers. Each method draws what its PyTorch namesake draws, and hands out the same values. */
export interface Random {
  /** `count` float32 values uniform in [from, to), as `torch.empty(count).uniform_(from, to)`. */
  uniform(count: number, from: number, to: number): Float32Array;
  /** As `torch.empty(count).normal_(mean, std)`. */
  normal(count: number, mean: number, std: number): Float32Array;
  /** From 0 to 2^63 - 1, as `torch.empty((), dtype=torch.int64).random_()`. */
  int64(): bigint;
  /** `count` whole numbers of [from, to), as `torch.randint(from, to, (count,))`. Throws ARGUMENT for an empty range. */
  randint(count: number, from: number, to: number): Int32Array;
  /** The numbers 0 to n - 1 in random order, as `torch.randperm(n)`. */
  permutation(n: number): Int32Array;
  /** Fills `out` with 1 / keep, with probability `keep`, or else 0: dropout's mask in PyTorch. Throws ARGUMENT unless 0 < keep ≤ 1. */
  bernoulli(out: Float32Array, keep: number): void;
  /**
   * `count` places of `weights`, each drawn anew by its weight's share of all, as `torch.multinomial(weights, count, replacement=True)` of float64. Throws
   * ARGUMENT for weights below 0, or that add up to none.
   */
  multinomial(weights: Float64Array, count: number): Int32Array;
  /** A copy of where the stream stands. */
  state(): RandomState;
  /** Goes on from there. Throws ARGUMENT for a state that no stream can have. */
  restore(state: RandomState): void;
}
