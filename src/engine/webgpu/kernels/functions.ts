/**
 * @file Functions that WGSL lacks or does not promise: its exp and log may be wrong near 1, and what it does with NaN and
 * infinity is the driver's choice, so NaN is told by its bits. The polynomials are those of the wasm engine (Cephes' float32).
 */
import { elementAt } from "../../../elements.ts";

/** The functions that a shader's text calls, and those that they call. */
export function functionsIn(text: string): string {
  const used = new Set<FunctionName>();
  const visit = (caller: string): void => {
    for (const name of names) {
      if (used.has(name) || !caller.includes(`${name}(`)) continue;
      used.add(name);
      visit(functions[name]);
    }
  };
  visit(text);
  return names
    .filter((name) => used.has(name))
    .map((name) => functions[name])
    .join("\n");
}

/** A number, to the bit. */
export function literal(value: number): string {
  if (Number.isNaN(value)) return "nan_()";
  if (!Number.isFinite(value)) return value > 0 ? "infinity_()" : "(-infinity_())";
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer);
  return `bitcast<f32>(0x${bits.toString(16)}u)`;
}

/** c0·x^n + c1·x^(n-1) + … */
function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients
    .slice(1)
    .reduce((sum, c) => `(${sum} * ${x} + ${literal(c)})`, literal(elementAt(coefficients, 0)));
}

const exponential = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];
const logarithm = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];

const functions = {
  // NOTE: an expression that is NaN or infinity at compile time is an error; what is read from a variable is not.
  nan_: `fn nan_() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }`,
  infinity_: `fn infinity_() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }`,
  isNaN_: `fn isNaN_(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }`,
  maximum_: `fn maximum_(a: f32, b: f32) -> f32 {
  return select(select(select(b, a, a > b), a, isNaN_(a)), b, isNaN_(b));
}`,
  minimum_: `fn minimum_(a: f32, b: f32) -> f32 {
  return select(select(select(b, a, a < b), a, isNaN_(a)), b, isNaN_(b));
}`,
  /** 0 where y is 0 or less, else x: also of NaN, which is neither. */
  rectified_: `fn rectified_(x: f32, y: f32) -> f32 { return select(x, 0.0, y <= 0.0 && !isNaN_(y)); }`,
  // 2^n in two halves: alone it would leave the range of normal numbers at both ends.
  exp_: `fn exp_(x: f32) -> f32 {
  let limited = min(max(x, -104.0), 89.0);
  let n = round(limited * ${literal(Math.LOG2E)});
  let r = (limited - n * 0.693359375) - n * ${literal(-2.1219444e-4)};
  let p = (${polynomial("r", exponential)} * (r * r) + r) + 1.0;
  let whole = i32(n);
  let half = whole >> 1u;
  let y = (p * bitcast<f32>((half + 127) << 23u)) * bitcast<f32>((whole - half + 127) << 23u);
  return select(y, x, isNaN_(x));
}`,
  // x = m·2^e with m in [√½, √2). Numbers below the normal ones, which a device may take for 0, by their bits: those count 2^-149.
  log_: `fn log_(x: f32) -> f32 {
  let given = bitcast<u32>(x);
  let small = given < 0x00800000u;
  let bits = select(given, bitcast<u32>(f32(given)), small);
  var e = f32(i32(bits >> 23u) - 126) - select(0.0, 149.0, small);
  var m = bitcast<f32>((bits & 0x007fffffu) | 0x3f000000u);
  let low = m < ${literal(Math.SQRT1_2)};
  e -= select(0.0, 1.0, low);
  m = (m + select(0.0, m, low)) - 1.0;
  let square = m * m;
  var y = (${polynomial("m", logarithm)} * m) * square;
  y += e * ${literal(-2.1219444e-4)};
  y -= square * 0.5;
  y = (m + y) + e * 0.693359375;
  if (isNaN_(x)) { return x; }
  if ((given & 0x7fffffffu) == 0u) { return -infinity_(); }
  if (given >= 0x80000000u) { return nan_(); }
  return select(y, x, given == 0x7f800000u);
}`,
} as const;

type FunctionName = keyof typeof functions;
const names = Object.keys(functions) as FunctionName[];
