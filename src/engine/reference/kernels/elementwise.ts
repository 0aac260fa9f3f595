/** @file One result element from the elements at the same place. */
import { sameShape } from "../../../tensor/shape.ts";
import { offsets, stretchedStrides, type Kernel } from "../kernel.ts";

type None = Readonly<Record<never, never>>;

export const add: Kernel<None> = binary((a, b) => a + b);
export const sub: Kernel<None> = binary((a, b) => a - b);
export const mul: Kernel<None> = binary((a, b) => a * b);
export const div: Kernel<None> = binary((a, b) => a / b);
export const neg: Kernel<None> = unary((x) => -x);
export const exp: Kernel<None> = unary(Math.exp);
export const log: Kernel<None> = unary(Math.log);
export const sqrt: Kernel<None> = unary(Math.sqrt);
export const abs: Kernel<None> = unary(Math.abs);
export const sign: Kernel<None> = unary((x) => Number(x > 0) - Number(x < 0)); // Of NaN 0, as in PyTorch.
export const relu: Kernel<None> = unary((x) => (x <= 0 ? 0 : x)); // NaN <= 0 is false, so that NaN stays.
export const reluGrad: Kernel<None> = binary((g, y) => (y <= 0 ? 0 : g)); // A NaN passes g, as in PyTorch.
export const equal: Kernel<None> = binary((a, b) => Number(a === b));
export const less: Kernel<None> = binary((a, b) => Number(a < b));
export const maximum: Kernel<None> = binary(Math.max);
export const minimum: Kernel<None> = binary(Math.min);
export const clamp: Kernel<None> = (_node, [x, low, high], y) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(x![i]!, low![0]!), high![0]!);
};
export const stopGradient: Kernel<None> = unary((x) => x);

function unary(f: (x: number) => number): Kernel<None> {
  return (_node, [x], y) => {
    for (let i = 0; i < y.length; i++) y[i] = f(x![i]!);
  };
}

function binary(f: (a: number, b: number) => number): Kernel<None> {
  return (node, [a, b], y) => {
    if (node.inputs.every(({ shape }) => sameShape(shape, node.shape))) {
      for (let i = 0; i < y.length; i++) y[i] = f(a![i]!, b![i]!);
      return;
    }
    const [atA, atB] = node.inputs.map(({ shape }) => offsets(node.shape, stretchedStrides(shape, node.shape)));
    for (let i = 0; i < y.length; i++) y[i] = f(a![atA![i]!]!, b![atB![i]!]!);
  };
}
