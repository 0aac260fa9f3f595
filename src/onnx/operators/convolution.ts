/** @file Convolutions and their transposes. */
import { elementAt } from "../../elements.ts";
import { conv2d, convTranspose2d, slice, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import type { ImageAxis } from "../image-axis.ts";
import { activation, weight, type Value } from "../value.ts";
import { borderOf, isEven, padded, transposedBorderOf, windowOf } from "./spatial.ts";

const conv: Operator = (call) => {
  const { x, kernel, window } = layerOf(call);
  const border = borderOf(call, x, window);
  const { stride, dilation } = window;
  const options = { stride, dilation, groups: call.int("group", 1) };
  const even = isEven(border);
  const y = conv2d(even ? x : padded(x, border, 0), kernel, call.weight(2), {
    ...options,
    padding: even ? [border[0], border[1]] : 0,
  });
  return activation(y);
};

/** As PyTorch's ConvTranspose2d. Where borders of opposite sides differ, what is more on one side is cut off. */
const convTranspose: Operator = (call) => {
  const { x, kernel, window } = layerOf(call);
  const { stride, dilation } = window;
  const outputPadding = call.pair("output_padding", 0, 0);
  if (outputPadding.some((more, axis) => more >= elementAt(stride, axis)))
    call.unsupported("its output_padding is as large as its strides, or larger");
  const [top, left, bottom, right] = transposedBorderOf(call, x, window, outputPadding);
  const padding = [Math.min(top, bottom), Math.min(left, right)] as const;
  const options = { stride, dilation, padding, outputPadding, groups: call.int("group", 1) };
  const y = convTranspose2d(x, kernel, call.weight(2), options);
  return activation(cut(cut(y, 2, top - padding[0], bottom - padding[0]), 3, left - padding[1], right - padding[1]));
};

function cut(x: Tensor, axis: 2 | 3, before: number, after: number): Tensor {
  return before + after === 0 ? x : slice(x, { axis, from: before, to: elementAt(x.shape, axis) - after });
}

/** The input, the weight and its window. Throws UNSUPPORTED, WEIGHTS. */
function layerOf(call: Call) {
  const x = call.tensorOf(0, 4);
  const kernel = call.weight(1) ?? call.damaged("should have a weight");
  if (kernel.shape.length !== 4) call.unsupported(`it convolves along ${kernel.shape.length - 2} axes, not 2`);
  return { x, kernel, window: windowOf(call, kernelOf(call, kernel)) };
}

/** Height and width, as the weight has them. Throws WEIGHTS where the attribute says others. */
function kernelOf(call: Call, weight: Tensor): readonly [number, number] {
  const [height, width] = weight.shape.slice(2) as [number, number];
  const said = call.ints("kernel_shape") ?? [height, width];
  if (said[0] !== height || said[1] !== width)
    call.damaged(`says windows of ${said.join("x")}, its weight has ${height}x${width}`);
  return [height, width];
}

export const layers: Readonly<Record<string, Operator>> = { Conv: conv, ConvTranspose: convTranspose };

/** A result that depends on the images if an input does, and has them where the inputs do by default. */
export function kindOf(call: Call, tensor: Tensor, images: ImageAxis = call.images): Value {
  return call.isActive ? activation(tensor, images) : weight(tensor);
}
