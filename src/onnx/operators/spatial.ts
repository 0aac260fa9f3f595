/** @file Windows over images as ONNX has them: borders of each side, made to fit, or rounded up. */
import { elementAt } from "../../elements.ts";
import { broadcastTo, concat, constant, type Tensor } from "../../tensor/index.ts";
import type { Call } from "../call.ts";

/** Above, left, below, right. */
export type Border = readonly [top: number, left: number, bottom: number, right: number];

export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** The attributes `strides` and `dilations`, for windows of this size. */
export function windowOf(call: Call, kernel: readonly [number, number]): Window {
  return { kernel, stride: call.pair("strides", 1, 1), dilation: call.pair("dilations", 1, 1) };
}

/** The border that the attributes `pads` and `auto_pad` ask for around x. Throws UNSUPPORTED, WEIGHTS. */
export function borderOf(call: Call, x: Tensor, window: Window): Border {
  const autoPad = call.text("auto_pad", "NOTSET");
  const pads = call.ints("pads") ?? [0, 0, 0, 0];
  if (autoPad === "VALID") return [0, 0, 0, 0];
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
    const sides = (axis: 0 | 1): readonly [number, number] => {
      const size = elementAt(x.shape, 2 + axis);
      const reach = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
      const steps = Math.ceil(size / window.stride[axis]) - 1;
      const total = Math.max(0, steps * window.stride[axis] + reach - size);
      return halves(total, autoPad);
    };
    return around(sides(0), sides(1));
  }
  if (autoPad !== "NOTSET") call.damaged(`has the unknown auto_pad ${JSON.stringify(autoPad.slice(0, 50))}`);
  const [top, left, bottom, right] = pads;
  const isBorder = pads.length === 4 && pads.every((size) => size >= 0 && size <= 2 ** 14);
  if (!isBorder || top === undefined || left === undefined || bottom === undefined || right === undefined)
    return call.unsupported("attribute pads should be four whole numbers from 0");
  return [top, left, bottom, right];
}

/**
 * What is cut off a transposed convolution of x at each side: `pads`, or what leaves `output_shape`, of which SAME_UPPER has the smaller half above and left.
 * Throws UNSUPPORTED, WEIGHTS.
 */
export function transposedBorderOf(call: Call, x: Tensor, window: Window, outputPadding: readonly number[]): Border {
  const autoPad = call.text("auto_pad", "NOTSET");
  const isSame = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  const { kernel, stride, dilation } = window;
  const said = call.ints("output_shape")?.slice(-2);
  const wanted = said ?? (isSame ? [elementAt(x.shape, 2) * stride[0], elementAt(x.shape, 3) * stride[1]] : undefined);
  if (!wanted) return borderOf(call, x, window);
  call.ignore("pads");
  const sides = (axis: 0 | 1): readonly [number, number] => {
    const span = (kernel[axis] - 1) * dilation[axis] + 1;
    const total =
      (elementAt(x.shape, 2 + axis) - 1) * stride[axis] +
      elementAt(outputPadding, axis) +
      span -
      elementAt(wanted, axis);
    if (!(total >= 0)) return call.unsupported("its result is larger than what its windows cover");
    return halves(total, autoPad);
  };
  return around(sides(0), sides(1));
}

/** Before and after; SAME_UPPER has the smaller half before. */
function halves(total: number, autoPad: string): readonly [number, number] {
  const less = Math.floor(total / 2);
  return autoPad === "SAME_UPPER" ? [less, total - less] : [total - less, less];
}

function around([top, bottom]: readonly [number, number], [left, right]: readonly [number, number]): Border {
  return [top, left, bottom, right];
}

/** What has to be added below and right, so that windows in steps count rounded up: as PyTorch, none begins beyond x and what is before it. */
export function roundedUp(x: Tensor, border: Border, { kernel, stride }: Window): readonly [number, number] {
  const [top, left, bottom, right] = border;
  return ([0, 1] as const).map((axis) => {
    const [before, after] = axis === 0 ? [top, bottom] : [left, right];
    const size = elementAt(x.shape, 2 + axis);
    const room = size + before + after - kernel[axis];
    const steps = Math.ceil(room / stride[axis]);
    const last = steps * stride[axis] < size + before ? steps : steps - 1;
    return Math.max(0, last * stride[axis] - room);
  }) as [number, number];
}

/** x [N, C, H, W] with a border of one number. */
export function padded(x: Tensor, [top, left, bottom, right]: Border, value: number): Tensor {
  const high = extended(x, 2, top, bottom, value);
  return extended(high, 3, left, right, value);
}

/** x with so many elements of one number before and after it along an axis. */
export function extended(x: Tensor, axis: number, before: number, after: number, value: number): Tensor {
  const block = (size: number): readonly Tensor[] =>
    size === 0
      ? []
      : [
          broadcastTo(
            constant(value),
            x.shape.map((old, i) => (i === axis ? size : old)),
          ),
        ];
  return before + after === 0 ? x : concat([...block(before), x, ...block(after)], axis);
}

/** Whether the border is the same on opposite sides. */
export function isEven([top, left, bottom, right]: Border): boolean {
  return top === bottom && left === right;
}
