/** @file Probabilities from logits, as hard or as soft as a temperature makes them. */

/** p_c = exp(z_c / T) / Σ exp(z / T) */
export function softmax(logits: readonly number[], temperature: number): number[] {
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((logit - largest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
