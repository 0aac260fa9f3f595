/** @file ReLU, e^x and the natural logarithm for four lanes, the last two by Cephes' float32 polynomials: within two units in the last place. */
import { elementAt } from "../../../elements.ts";
import { f32x4, i32x4, seq, set, v128, type Code } from "../emit/code.ts";
import type { FunctionBuilder } from "../emit/module.ts";

/**
 * max(x, 0), the bits of `f32x4.max`: 0 for -0, NaN for NaN. `x` is evaluated twice.
 * NOTE: two instructions of x86, where V8 makes eight of `f32x4.max`.
 */
export function relu(x: Code): Code {
  return v128.andNot(x, f32x4.le(x, f32x4.const(0)));
}

/** c0·x^n + c1·x^(n-1) + … */
function polynomial(x: Code, coefficients: readonly number[]): Code {
  return coefficients
    .slice(1)
    .reduce<Code>((sum, c) => f32x4.add(f32x4.mul(sum, x), f32x4.const(c)), f32x4.const(elementAt(coefficients, 0)));
}

/** 2^n for whole n from -126 to 127 */
function powerOfTwo(n: Code): Code {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** e^x: Infinity above 88.7, 0 below -103.9, NaN for NaN. Code that leaves it on the stack. */
export function exp(f: FunctionBuilder, x: Code): Code {
  const [n, r, p] = f.locals("v128", 3);
  const [whole, half] = f.locals("v128", 2);
  const limited = f32x4.min(f32x4.max(x, f32x4.const(-104)), f32x4.const(89));
  const rest = f32x4.sub(
    f32x4.sub(r, f32x4.mul(n, f32x4.const(0.693359375))),
    f32x4.mul(n, f32x4.const(-2.1219444e-4)),
  );
  const c = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];
  return seq(
    set(r, limited),
    set(n, f32x4.nearest(f32x4.mul(r, f32x4.const(Math.LOG2E)))),
    set(r, rest),
    set(p, f32x4.add(f32x4.add(f32x4.mul(polynomial(r, c), f32x4.mul(r, r)), r), f32x4.const(1))),
    // In two halves: 2^n alone would leave the range of normal numbers at both ends.
    set(whole, i32x4.truncSat(n)),
    set(half, i32x4.shrSigned(whole, 1)),
    f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half))),
  );
}

/** ln x: -Infinity at 0, NaN below 0 and for NaN, Infinity for Infinity. Code that leaves it on the stack. */
export function log(f: FunctionBuilder, x: Code): Code {
  const [given, m, e, low, y] = f.locals("v128", 5);
  const small = f32x4.lt(given, f32x4.const(1.17549435e-38));
  const exponent = f32x4.convertI32(i32x4.sub(i32x4.shrSigned(m, 23), i32x4.splat(126)));
  const mantissa = v128.or(v128.and(m, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const c = [
    7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
  ];
  const square = f32x4.mul(m, m);
  const isWhole = f32x4.gt(given, f32x4.const(0));
  const special = v128.bitSelect(f32x4.const(-Infinity), f32x4.const(Number.NaN), f32x4.eq(given, f32x4.const(0)));
  return seq(
    set(given, x),
    // Below the normal numbers, count from 2^-24 of a normal one.
    set(m, v128.bitSelect(f32x4.mul(given, f32x4.const(2 ** 24)), given, small)),
    set(e, f32x4.sub(exponent, v128.and(f32x4.const(24), small))),
    set(m, mantissa),
    // m in [√½, √2), x = m·2^e
    set(low, f32x4.lt(m, f32x4.const(Math.SQRT1_2))),
    set(e, f32x4.sub(e, v128.and(f32x4.const(1), low))),
    set(m, f32x4.sub(f32x4.add(m, v128.and(m, low)), f32x4.const(1))),
    set(y, f32x4.mul(f32x4.mul(polynomial(m, c), m), square)),
    set(y, f32x4.add(y, f32x4.mul(e, f32x4.const(-2.1219444e-4)))),
    set(y, f32x4.sub(y, f32x4.mul(square, f32x4.const(0.5)))),
    set(y, f32x4.add(f32x4.add(m, y), f32x4.mul(e, f32x4.const(0.693359375)))),
    set(y, v128.bitSelect(given, y, f32x4.eq(given, f32x4.const(Infinity)))),
    v128.bitSelect(y, special, isWhole),
  );
}
