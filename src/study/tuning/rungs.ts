/** @file Successive halving: all trials with few epochs, the best of them with more, to the full length. */

/** A round of trials. */
export interface Rung {
  /** How many there are. */
  readonly trials: number;
  /** Of each of them. */
  readonly epochs: number;
}

/**
 * The rungs of n trials of which one in η goes on, to R epochs: with s = min(⌊log_η n⌋, ⌊log_η R⌋), rung i of 0 to s has ⌊n·η⁻ⁱ⌋ trials of
 * R·ηⁱ⁻ˢ epochs each, rounded to whole ones, the last of R. A trial that goes on is trained anew: a schedule depends on its length.
 *
 * Jamieson, Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016. https://arxiv.org/abs/1502.07943
 * Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar, "Hyperband", 2018, algorithm 1 (a bracket). https://arxiv.org/abs/1603.06560
 */
export function rungsOf(trials: number, halving: number, epochs: number): readonly Rung[] {
  const s = Math.min(timesDivided(trials, halving), timesDivided(epochs, halving));
  return Array.from({ length: s + 1 }, (_, i) => ({
    trials: Math.floor(trials / halving ** i),
    epochs: i === s ? epochs : Math.round(epochs / halving ** (s - i)),
  }));
}

/** ⌊log_η x⌋, exact for whole powers, and 0 below 1. */
function timesDivided(x: number, by: number): number {
  let times = 0;
  for (let left = x; left >= by; left /= by) times++;
  return times;
}
