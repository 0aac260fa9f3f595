/** @file One result element from the elements at the same place. */
import { sameShape } from "../../../tensor/shape.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { read, offsets, stretchedStrides, type Kernel } from "./kernel.ts";

export const add: Kernel<"add"> = binary((a, b) => a + b);
export const sub: Kernel<"sub"> = binary((a, b) => a - b);
export const mul: Kernel<"mul"> = binary((a, b) => a * b);
export const div: Kernel<"div"> = binary((a, b) => a / b);
export const neg: Kernel<"neg"> = unary((x) => -x);
export const exp: Kernel<"exp"> = unary(Math.exp);
export const log: Kernel<"log"> = unary(Math.log);
export const sqrt: Kernel<"sqrt"> = unary(Math.sqrt);
export const abs: Kernel<"abs"> = unary(Math.abs);
export const sign: Kernel<"sign"> = unary((x) => Number(x > 0) - Number(x < 0)); // Of NaN 0, as in PyTorch.
// To even: of ties, twice the nearest to their half.
export const round: Kernel<"round"> = unary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)));
export const relu: Kernel<"relu"> = unary((x) => (x <= 0 ? 0 : x)); // NaN <= 0 is false, so that NaN stays.
export const reluGrad: Kernel<"reluGrad"> = binary((g, y) => (y <= 0 ? 0 : g)); // A NaN passes g, as in PyTorch.
export const equal: Kernel<"equal"> = binary((a, b) => Number(a === b));
export const less: Kernel<"less"> = binary((a, b) => Number(a < b));
export const maximum: Kernel<"maximum"> = binary(Math.max);
export const minimum: Kernel<"minimum"> = binary(Math.min);
export const clamp: Kernel<"clamp"> = (_node, [x, low, high], y) => {
  for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(read(x, i), read(low, 0)), read(high, 0));
};
export const stopGradient: Kernel<"stopGradient"> = unary((x) => x);

function unary(f: (x: number) => number): Kernel<"neg"> {
  return (_node, [x], y) => {
    for (let i = 0; i < y.length; i++) y[i] = f(read(x, i));
  };
}

function binary(f: (a: number, b: number) => number): Kernel<"add"> {
  return (node, [a, b], y) => {
    if (node.inputs.every(({ shape }) => sameShape(shape, node.shape))) {
      for (let i = 0; i < y.length; i++) y[i] = f(read(a, i), read(b, i));
      return;
    }
    const placesIn = ({ shape }: Tensor): Int32Array => offsets(node.shape, stretchedStrides(shape, node.shape));
    const [inA, inB] = [placesIn(node.inputs[0]), placesIn(node.inputs[1])];
    for (let i = 0; i < y.length; i++) y[i] = f(read(a, read(inA, i)), read(b, read(inB, i)));
  };
}
