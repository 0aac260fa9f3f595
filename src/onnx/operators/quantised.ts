/** @file Floats rounded to whole numbers and back: what stands between the operators of a quantised network. */
import { add, clamp, div, mul, reshape, roundStraightThrough, sub, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { kindOf } from "./convolution.ts";

/** NOTE: the whole numbers are kept as floats, which hold them all. A gradient passes rounding as it is. */
const quantize: Operator = (call) => {
  call.ignore("saturate"); // of floats of 8 bits
  const x = call.tensor(0);
  const { scale, zero } = parametersOf(call, x);
  const value = call.inputs[2];
  const range = value ? value.kind === "numbers" && value.range : ([0, 255] as const);
  if (!range) return call.unsupported("its zero point is not of 8 bits");
  const [min, max] = range;
  if (zero < min || zero > max) call.damaged(`should have a zero point from ${min} to ${max}, got ${zero}`);
  return kindOf(call, clamp(add(roundStraightThrough(div(x, scale)), zero), { min, max }));
};

const dequantize: Operator = (call) => {
  const x = call.tensor(0);
  const { scale, zero } = parametersOf(call, x);
  return kindOf(call, mul(sub(x, zero), scale));
};

export const quantisations: Readonly<Record<string, Operator>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
};

/** The scale stretches to x: it is one number, or has one for each place along an axis. */
function parametersOf(call: Call, x: Tensor): { readonly scale: Tensor; readonly zero: number } {
  if (call.int("block_size", 0) !== 0) call.unsupported("it has a scale for each block");
  const said = call.int("axis", 1);
  const scales = call.weight(1) ?? call.damaged("should have a scale");
  const [zero = 0, ...others] = call.numbers(2) ?? [];
  if (call.inputs[2] && others.length + 1 !== scales.size) call.damaged("should have a zero point for each scale");
  if (others.some((each) => each !== zero)) call.unsupported("its zero points differ");
  if (scales.size === 1) return { scale: reshape(scales, []), zero };
  const axis = call.axis(said, x.shape.length);
  if (scales.shape.length !== 1 || scales.size !== x.shape[axis])
    return call.damaged("should have one scale, or one for each place along an axis");
  return { scale: reshape(scales, [scales.size, ...x.shape.slice(axis + 1).map(() => 1)]), zero };
}
