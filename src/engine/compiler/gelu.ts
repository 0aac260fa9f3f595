/** @file The Gaussian error linear unit in operations that engines have: x·Φ(x) = max(x, 0) - |x|·Φ(-|x|), which cancels nothing. */
import { add, abs, div, exp, less, minimum, mul, relu, sub } from "../../tensor/ops/elementwise.ts";
import { tanhForm, type Approximation } from "../../tensor/ops/gelu.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export function geluParts(x: Tensor, { approximate }: Approximation): Tensor {
  const { far, share } = tails[approximate](x);
  return sub(relu(x), mul(far, share));
}

/** g·(Φ(x) + x·Φ'(x)): with h = Φ(-|x|) - |x|·Φ'(|x|), g·h below 0 and g·(1 - h) above. */
export function geluGradParts(g: Tensor, x: Tensor, { approximate }: Approximation): Tensor {
  const { far, share, density } = tails[approximate](x);
  const h = sub(share, mul(far, density));
  const above = less(0, x);
  return mul(g, add(above, mul(h, sub(1, mul(above, 2)))));
}

/** |x|, from where on float32 has nothing left of Φ(-|x|) (Infinity·0 is no number), and there Φ(-|x|) and Φ'(|x|). */
interface Tail {
  readonly far: Tensor;
  readonly share: Tensor;
  readonly density: Tensor;
}

const NOTHING_LEFT = 20;

const tails: Readonly<Record<Approximation["approximate"], (x: Tensor) => Tail>> = {
  /** Φ(-a) = e^(-a²/2)·(c₁t + … + c₉t⁹) with t = 1 / (1 + 0.27a), fitted to 2.5e-8 of it from 0 to 20. */
  none(x) {
    const far = minimum(abs(x), NOTHING_LEFT);
    const bell = exp(mul(mul(far, far), -0.5));
    const t = div(1, add(mul(far, 0.27), 1));
    const [last, ...others] = coefficients;
    const series = others.reduce<Tensor | number>((sum, c) => add(mul(t, sum), c), last);
    return { far, share: mul(mul(t, series), bell), density: mul(bell, 1 / Math.sqrt(2 * Math.PI)) };
  },
  /** Φ(-a) = 1 / (1 + e^(2u)), u = scale·(a + cubic·a³); Φ' = Φ(-a)·(1 - Φ(-a))·2u' */
  tanh(x) {
    const far = minimum(abs(x), NOTHING_LEFT);
    const { scale, cubic } = tanhForm;
    const square = mul(far, far);
    const share = div(1, add(exp(mul(far, add(mul(square, 2 * scale * cubic), 2 * scale))), 1));
    const slope = add(mul(square, 6 * scale * cubic), 2 * scale);
    return { far, share, density: mul(mul(share, sub(1, share)), slope) };
  },
};

/** c₉ to c₁. */
const coefficients = [
  0.02906285, -0.12699667, 0.17087887, -0.07050855, 0.10875908, 0.07163444, 0.10192178, 0.10752653, 0.10772166,
] as const;
