/** @file Pairs of normal values from pairs of uniform ones, in the float32 arithmetic of PyTorch's vectorised kernel. */

const round = Math.fround;
const TWO_PI = round(2 * Math.PI);

/**
 * Turns `values[at .. at + 16)`, uniform in [0, 1), into normal ones in place: for each i < 8 the pair
 * (a, b) = (values[i], values[i + 8]) becomes √(-2 log(1 - a))·(cos 2πb, sin 2πb)·std + mean.
 *
 * Every step is rounded as in PyTorch's `normal_fill_16_AVX2`, whose logarithm, sine and cosine are those of the
 * Cephes library (Moshier) for single precision.
 */
export function boxMuller16(values: Float32Array, at: number, mean: number, std: number): void {
  const mean32 = round(mean);
  const std32 = round(std);
  for (let i = at; i < at + 8; i++) {
    const radius = round(Math.sqrt(round(-2 * log32(round(1 - values[i]!)))));
    const angle = round(TWO_PI * values[i + 8]!);
    const { sine, cosine } = sinCos32(angle);
    values[i] = multiplyAdd(round(radius * cosine), std32, mean32);
    values[i + 8] = multiplyAdd(round(radius * sine), std32, mean32);
  }
}

/** a·b + c of float32 numbers, rounded once: the product is exact in float64. */
function multiplyAdd(a: number, b: number, c: number): number {
  return round(a * b + c);
}

/** (((c0·x + c1)·x + c2)·x + …), each step rounded once. */
function polynomial(coefficients: Float32Array, x: number): number {
  let y = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) y = multiplyAdd(y, x, coefficients[i]!);
  return y;
}

const LOG = Float32Array.of(
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
);
const SQRT_HALF = round(Math.SQRT1_2);
/** log 2 in two parts: HIGH has few digits, so that its multiples are exact. */
const LOG2_HIGH = round(0.693359375);
const LOG2_LOW = round(-2.1219444e-4);

/** log x for x in (0, 1]: x = m·2^e with m in [√½, √2), then a polynomial in m - 1. */
function log32(x: number): number {
  let exponent = 32 - Math.clz32(x * 0x1000000) - 24;
  let mantissa = x / 2 ** exponent;
  if (mantissa < SQRT_HALF) {
    exponent -= 1;
    mantissa *= 2;
  }
  const m = round(mantissa - 1);
  const square = round(m * m);
  let y = round(polynomial(LOG, m) * m);
  y = multiplyAdd(y, square, round(exponent * LOG2_LOW));
  y = multiplyAdd(square, -0.5, y);
  return multiplyAdd(exponent, LOG2_HIGH, round(m + y));
}

const SINE = Float32Array.of(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
const COSINE = Float32Array.of(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2);
const FOUR_OVER_PI = round(1.27323954473516);
/** -π/4 in three parts. */
const QUARTER = Float32Array.of(-0.78515625, -2.4187564849853515625e-4, -3.774894977445941e-8);

/** Sine and cosine of an angle in [0, 2π]: turned by an even number of eighths into [-π/4, π/4], then a polynomial each. */
function sinCos32(angle: number): { readonly sine: number; readonly cosine: number } {
  const eighths = (Math.trunc(round(angle * FOUR_OVER_PI)) + 1) & ~1;
  let x = angle;
  for (const part of QUARTER) x = multiplyAdd(eighths, part, x);
  const square = round(x * x);
  const even = round(multiplyAdd(round(polynomial(COSINE, square) * square), square, round(-0.5 * square)) + 1);
  const odd = multiplyAdd(round(polynomial(SINE, square) * square), x, x);
  const swapped = (eighths & 2) !== 0;
  const sine = swapped ? even : odd;
  const cosine = swapped ? odd : even;
  return {
    sine: (eighths & 4) === 0 ? sine : -sine,
    cosine: ((eighths - 2) & 4) === 0 ? -cosine : cosine,
  };
}
