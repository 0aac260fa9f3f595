/** @file Pools: windows of all sizes and borders, and whole maps. */
import { elementAt } from "../../elements.ts";
import { avgPool2d, broadcastTo, constant, div, max, maxPool2d, type Tensor } from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { activation } from "../value.ts";
import { borderOf, isEven, padded, roundedUp, windowOf, type Border, type Window } from "./spatial.ts";

const maxPool: Operator = (call) => {
  const { x, window, border, more } = poolOf(call);
  call.ignore("storage_order"); // of the indices, a second output that nothing may take
  const { kernel, stride } = window;
  if (isDirect(window, border, more))
    return activation(maxPool2d(x, kernel, { stride, padding: [border[0], border[1]] }));
  return activation(maxPool2d(padded(x, widened(border, more), -Infinity), kernel, { stride }));
};

const averagePool: Operator = (call) => {
  const { x, window, border, more } = poolOf(call);
  const { kernel, stride } = window;
  const countsBorder = call.int("count_include_pad", 0) !== 0;
  const hasBorder = border.some((size) => size > 0);
  if (isDirect(window, border, more) && (countsBorder || !hasBorder)) {
    return activation(avgPool2d(x, kernel, { stride, padding: [border[0], border[1]] }));
  }
  // The mean over the window of what is there: of x, and of ones where something counts.
  const means = (part: Tensor, around: Border) => avgPool2d(padded(part, around, 0), kernel, { stride });
  const ones = broadcastTo(constant(1), [1, 1, elementAt(x.shape, 2), elementAt(x.shape, 3)]);
  const all = widened(border, more);
  const counted = countsBorder ? means(padded(ones, border, 1), widened([0, 0, 0, 0], more)) : means(ones, all);
  return activation(div(means(x, all), counted));
};

const globalAveragePool: Operator = (call) => {
  const x = call.tensorOf(0, 4);
  return activation(avgPool2d(x, mapOf(x)));
};

const globalMaxPool: Operator = (call) => activation(max(call.tensorOf(0, 4), { axes: [2, 3], keepDims: true }));

export const pools: Readonly<Record<string, Operator>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
};

/** Height and width. */
export function mapOf(x: Tensor): readonly [number, number] {
  return [elementAt(x.shape, 2), elementAt(x.shape, 3)];
}

function poolOf(call: Call) {
  const x = call.tensorOf(0, 4);
  if (call.ints("kernel_shape") === undefined) call.damaged("should say its kernel_shape");
  const window = windowOf(call, call.pair("kernel_shape", 1, 1));
  if (window.dilation.some((step) => step !== 1)) call.unsupported("its windows have gaps, by dilations");
  const border = borderOf(call, x, window);
  const more = call.int("ceil_mode", 0) !== 0 ? roundedUp(x, border, window) : ([0, 0] as const);
  return { x, window, border, more };
}

/** Whether Limbeck's own pools have such a border: even, and at most half a window. */
function isDirect({ kernel }: Window, border: Border, more: readonly [number, number]): boolean {
  return isEven(border) && border[0] <= kernel[0] / 2 && border[1] <= kernel[1] / 2 && more[0] + more[1] === 0;
}

function widened([top, left, bottom, right]: Border, [below, beside]: readonly [number, number]): Border {
  return [top, left, bottom + below, right + beside];
}
