/**
 * @file Convolution and its gradients. All three are sums over the same triples (x's element, weight's element, y's
 * element) of one product each, so that one walk over the triples serves them all.
 */
import type { ConvAttributes } from "../../../tensor/ops/conv.ts";
import { asImages, type Shape } from "../../../tensor/shape.ts";
import { addTo, read, type Kernel } from "./kernel.ts";

/** y[Y] = bias + Σ x[X]·weight[W] */
export const conv2d: Kernel<"conv2d"> = (node, [x, weight, bias], y) => {
  const [xTensor, weightTensor] = node.inputs;
  const totals = new Float64Array(y.length);
  forEachRow({ x: xTensor.shape, weight: weightTensor.shape, y: node.shape }, node.attributes, (row) => {
    for (let j = 0; j < row.length; j++) totals[row.y + j]! += x[row.x + j * row.step]! * weight[row.weight]!;
  });
  const [, channels, height, width] = asImages(node.shape);
  for (let i = 0; i < y.length; i++) {
    const channel = Math.floor(i / (height * width)) % channels;
    y[i] = read(totals, i) + (bias ? read(bias, channel) : 0);
  }
};

/** dL/dx[X] = Σ dL/dy[Y]·weight[W] */
export const conv2dInputGrad: Kernel<"conv2dInputGrad"> = (node, [g, weight], dx) => {
  const [gTensor, weightTensor] = node.inputs;
  const totals = new Float64Array(dx.length);
  forEachRow({ x: node.shape, weight: weightTensor.shape, y: gTensor.shape }, node.attributes, (row) => {
    for (let j = 0; j < row.length; j++) totals[row.x + j * row.step]! += g[row.y + j]! * weight[row.weight]!;
  });
  dx.set(totals);
};

/** dL/dweight[W] = Σ dL/dy[Y]·x[X] */
export const conv2dWeightGrad: Kernel<"conv2dWeightGrad"> = (node, [g, x], dWeight) => {
  const [gTensor, xTensor] = node.inputs;
  const totals = new Float64Array(dWeight.length);
  forEachRow({ x: xTensor.shape, weight: node.shape, y: gTensor.shape }, node.attributes, (row) => {
    let total = 0;
    for (let j = 0; j < row.length; j++) total += g[row.y + j]! * x[row.x + j * row.step]!;
    addTo(totals, row.weight, total);
  });
  dWeight.set(totals);
};

/** Triples along one row of y: elements `y + j`, `x + j·step` and always `weight`, for j below `length`. */
interface Row {
  readonly x: number;
  readonly weight: number;
  readonly y: number;
  readonly step: number;
  readonly length: number;
}

/** Visits every triple that does not fall on the zero border, once. */
function forEachRow(
  shapes: { readonly x: Shape; readonly weight: Shape; readonly y: Shape },
  { stride, padding, dilation, groups }: ConvAttributes,
  visit: (row: Row) => void,
): void {
  const [batch, channels, height, width] = asImages(shapes.x);
  const [outputs, channelsPerGroup, kernelHeight, kernelWidth] = asImages(shapes.weight);
  const [, , outHeight, outWidth] = asImages(shapes.y);
  const outputsPerGroup = outputs / groups;
  const step = stride[1];
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const firstChannel = Math.floor(o / outputsPerGroup) * channelsPerGroup;
      for (let c = 0; c < channelsPerGroup; c++) {
        for (let u = 0; u < kernelHeight; u++) {
          for (let v = 0; v < kernelWidth; v++) {
            // Output column j reads x's column j·step + shift; those from `from` to before `to` lie inside x.
            const shift = v * dilation[1] - padding[1];
            const from = Math.max(0, Math.ceil(-shift / step));
            const to = Math.min(outWidth, Math.ceil((width - shift) / step));
            if (to <= from) continue;
            for (let i = 0; i < outHeight; i++) {
              const line = i * stride[0] + u * dilation[0] - padding[0];
              if (line < 0 || line >= height) continue;
              visit({
                x: ((n * channels + firstChannel + c) * height + line) * width + from * step + shift,
                weight: ((o * channelsPerGroup + c) * kernelHeight + u) * kernelWidth + v,
                y: ((n * outputs + o) * outHeight + i) * outWidth + from,
                step,
                length: to - from,
              });
            }
          }
        }
      }
    }
  }
}
