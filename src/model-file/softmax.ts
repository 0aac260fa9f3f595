/** @file Probabilities from logits, with the same bits in every JavaScript engine: `Math.exp` differs in its last bit from one to the next. */

/** exp(logit - largest), each over their sum, in float64; `largest` is a finite number. */
export function softmax(logits: ArrayLike<number>, largest: number): Float64Array {
  const weights = Float64Array.from(logits, (logit) => exponential(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** ln 2 in two parts: whole multiples of the first are exact. */
const [LN2, LN2_REST] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/** Below it, e to the power is 0 in float64. */
const LEAST = -746;
/** Of Taylor's series for |r| <= ln 2 / 2: what follows is below a float64's last bit. */
const TERMS = 14;

/** e to the power of a number up to 0, within some last bits: x = k ln 2 + r, so e^x = 2^k e^r. Sums and products alone, which IEEE 754 rounds in one way. */
export function exponential(x: number): number {
  if (x < LEAST) return 0;
  const k = Math.round(x / (LN2 + LN2_REST));
  const r = x - k * LN2 - k * LN2_REST;
  let sum = 1;
  for (let n = TERMS; n > 0; n--) sum = 1 + (r * sum) / n;
  for (let halves = -k, factor = 0.5; halves > 0; halves >>= 1, factor *= factor) if (halves & 1) sum *= factor;
  return sum;
}
