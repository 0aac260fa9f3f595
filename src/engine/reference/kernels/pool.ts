/** @file Pooling: the largest or the mean of each window. */
import { elementAt } from "../../../elements.ts";
import type { PoolAttributes } from "../../../tensor/ops/pool.ts";
import { asImages, asMatrix, type Shape } from "../../../tensor/shape.ts";
import { addTo, read, type Kernel, type Numbers } from "./kernel.ts";

export const maxPool2d: Kernel<"maxPool2d"> = (node, [x], y) => {
  forEachWindow(node.inputs[0].shape, node.shape, node.attributes, (i, window) => {
    y[i] = read(x, largest(x, window));
  });
};

export const maxPool2dGrad: Kernel<"maxPool2dGrad"> = (node, [g, x], dx) => {
  const totals = new Float64Array(dx.length);
  forEachWindow(node.shape, node.inputs[0].shape, node.attributes, (i, window) => {
    addTo(totals, largest(x, window), read(g, i));
  });
  dx.set(totals);
};

export const avgPool2d: Kernel<"avgPool2d"> = (node, [x], y) => {
  const [height, width] = node.attributes.kernel;
  forEachWindow(node.inputs[0].shape, node.shape, node.attributes, (i, window) => {
    let total = 0;
    for (const at of window) total += read(x, at);
    y[i] = total / (height * width);
  });
};

export const avgPool2dGrad: Kernel<"avgPool2dGrad"> = (node, [g], dx) => {
  const [height, width] = node.attributes.kernel;
  const totals = new Float64Array(dx.length);
  forEachWindow(node.shape, node.inputs[0].shape, node.attributes, (i, window) => {
    for (const at of window) addTo(totals, at, read(g, i) / (height * width));
  });
  dx.set(totals);
};

/** Where a window's first largest element is. A NaN beats any number, and a later NaN an earlier one, as in PyTorch. */
function largest(x: Numbers, window: readonly number[]): number {
  let best = elementAt(window, 0);
  for (const at of window) {
    if (read(x, at) > read(x, best) || Number.isNaN(x[at])) best = at;
  }
  return best;
}

/** Visits each element of the pooled array with the places of its window's elements in x, rows before columns, border left out. */
function forEachWindow(
  xShape: Shape,
  yShape: Shape,
  { kernel, stride, padding }: PoolAttributes,
  visit: (yIndex: number, window: readonly number[]) => void,
): void {
  const [batch, channels, height, width] = asImages(xShape);
  const [outHeight, outWidth] = asMatrix(yShape.slice(2));
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const window: number[] = [];
        const top = i * stride[0] - padding[0];
        const left = j * stride[1] - padding[1];
        for (let line = Math.max(0, top); line < Math.min(height, top + kernel[0]); line++) {
          for (let column = Math.max(0, left); column < Math.min(width, left + kernel[1]); column++) {
            window.push((plane * height + line) * width + column);
          }
        }
        visit((plane * outHeight + i) * outWidth + j, window);
      }
    }
  }
}
