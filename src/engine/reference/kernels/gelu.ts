/** @file The Gaussian error linear unit and its gradient. */
import { tanhForm, type Approximation } from "../../../tensor/ops/gelu.ts";
import { read, type Kernel } from "./kernel.ts";

export const gelu: Kernel<"gelu"> = ({ attributes }, [x], y) => {
  const { below } = distributions[attributes.approximate];
  for (let i = 0; i < y.length; i++) y[i] = x[i] === -Infinity ? 0 : read(x, i) * below(read(x, i));
};

export const geluGrad: Kernel<"geluGrad"> = ({ attributes }, [g, x], y) => {
  const { below, density } = distributions[attributes.approximate];
  for (let i = 0; i < y.length; i++) {
    const slope = Number.isFinite(x[i]) ? below(read(x, i)) + read(x, i) * density(read(x, i)) : below(read(x, i));
    y[i] = read(g, i) * slope;
  }
};

interface Distribution {
  /** The share below x. */
  readonly below: (x: number) => number;
  /** Its derivative. */
  readonly density: (x: number) => number;
}

const { scale, cubic } = tanhForm;

const distributions: Readonly<Record<Approximation["approximate"], Distribution>> = {
  none: { below: normalBelow, density: normalDensity },
  tanh: {
    below: (x) => 0.5 * (1 + Math.tanh(scale * (x + cubic * x ** 3))),
    density: (x) => 0.5 * scale * (1 + 3 * cubic * x ** 2) * (1 - Math.tanh(scale * (x + cubic * x ** 3)) ** 2),
  },
};

function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …) near 0, beyond by Laplace's fraction φ(x)/(x + 1/(x + 2/(x + …))). Marsaglia, "Evaluating the
 * Normal Distribution", 2004, https://doi.org/10.18637/jss.v011.i04
 */
function normalBelow(x: number): number {
  if (Number.isNaN(x)) return x;
  const far = Math.abs(x);
  if (far > 3) {
    let fraction = far;
    for (let k = 150; k > 0; k--) fraction = far + k / fraction;
    const tail = normalDensity(x) / fraction;
    return x > 0 ? 1 - tail : tail;
  }
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}
