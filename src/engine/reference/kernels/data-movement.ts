/** @file Data movement: the same numbers under other shapes, in other orders and places, by their indices. */
import { elementAt } from "../../../elements.ts";
import { asMatrix, sizeOf, stridesOf, type Shape } from "../../../tensor/shape.ts";
import { addTo, read, offsets, stretchedStrides, type Kernel, type Numbers } from "./kernel.ts";

export const reshape: Kernel<"reshape"> = (_node, [x], y) => y.set(x);

export const broadcastTo: Kernel<"broadcastTo"> = (node, [x], y) => {
  const from = offsets(node.shape, stretchedStrides(node.inputs[0].shape, node.shape));
  for (let i = 0; i < y.length; i++) y[i] = read(x, read(from, i));
};

export const permute: Kernel<"permute"> = (node, [x], y) => {
  const strides = stridesOf(node.inputs[0].shape);
  const from = offsets(
    node.shape,
    node.attributes.axes.map((axis) => elementAt(strides, axis)),
  );
  for (let i = 0; i < y.length; i++) y[i] = read(x, read(from, i));
};

/** y[n, c·groups + g] = x[n, g·C / groups + c] */
export const channelShuffle: Kernel<"channelShuffle"> = (node, [x], y) => {
  const { groups } = node.attributes;
  const channels = elementAt(node.shape, 1);
  const pixels = sizeOf(node.shape.slice(2));
  for (let plane = 0; plane < elementAt(node.shape, 0) * channels; plane++) {
    const channel = plane % channels;
    const from = plane - channel + (channel % groups) * (channels / groups) + Math.floor(channel / groups);
    y.set(x.subarray(from * pixels, (from + 1) * pixels), plane * pixels);
  }
};

export const concat: Kernel<"concat"> = (node, inputs, y) => {
  const { axis } = node.attributes;
  let place = 0;
  for (const [i, x] of inputs.entries()) {
    const { shape } = elementAt(node.inputs, i);
    copyStretch(
      { values: x, shape, from: 0 },
      { values: y, shape: node.shape, from: place },
      axis,
      elementAt(shape, axis),
    );
    place += elementAt(shape, axis);
  }
};

export const slice: Kernel<"slice"> = (node, [x], y) => {
  const { axis, from, to } = node.attributes;
  const whole = { values: x, shape: node.inputs[0].shape, from };
  copyStretch(whole, { values: y, shape: node.shape, from: 0 }, axis, to - from);
};

export const sliceGrad: Kernel<"sliceGrad"> = (node, [g], dx) => {
  const { axis, from, to } = node.attributes;
  const part = { values: g, shape: node.inputs[0].shape, from: 0 };
  copyStretch(part, { values: dx, shape: node.shape, from }, axis, to - from);
};

export const lookupRows: Kernel<"lookupRows"> = (node, [x, indices, table, shifts], y) => {
  const [rows, channels, ...pixels] = node.inputs[0].shape as [number, number, ...number[]];
  const plane = sizeOf(pixels);
  // Rows that are no images are lines, which are not shifted.
  const [height, width] = pixels.length === 2 ? (pixels as [number, number]) : [1, plane];
  const inside = (place: number, length: number): number => {
    if (node.attributes.border === "black" || (place >= 0 && place < length)) return place;
    return place < 0 ? -place : 2 * (length - 1) - place;
  };
  const isInside = (place: number, length: number): boolean => place >= 0 && place < length;
  for (const [k, row] of indices.entries()) {
    const [down = 0, right = 0, isMirrored = 0] = shifts?.subarray(3 * k, 3 * k + 3) ?? [];
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < plane; i++) {
        const column = i % width;
        const h = inside(Math.floor(i / width) + down, height);
        const w = inside((isMirrored ? width - 1 - column : column) + right, width);
        const pixel = ((row * channels + channel) * height + h) * width + w;
        const looked = (): number =>
          read(table, 256 * channel + (isInside(h, height) && isInside(w, width) ? read(x, pixel) : 0));
        y[(k * channels + channel) * plane + i] = isInside(row, rows) ? looked() : NaN;
      }
    }
  }
};

export const indexSelect: Kernel<"indexSelect"> = (node, [x, indices], y) => {
  const [rows, columns] = asMatrix(node.inputs[0].shape);
  for (const [k, row] of indices.entries()) {
    if (row >= 0 && row < rows) y.set(x.subarray(row * columns, (row + 1) * columns), k * columns);
    else y.fill(NaN, k * columns, (k + 1) * columns);
  }
};

export const indexSelectGrad: Kernel<"indexSelectGrad"> = (node, [g, indices], dx) => {
  const [rows, columns] = asMatrix(node.shape);
  const totals = new Float64Array(dx.length);
  for (const [k, row] of indices.entries()) {
    if (row < 0 || row >= rows) continue;
    for (let column = 0; column < columns; column++)
      addTo(totals, row * columns + column, read(g, k * columns + column));
  }
  dx.set(totals);
};

export const indexCopy: Kernel<"indexCopy"> = (node, [x, indices, values], y) => {
  const [rows, columns] = asMatrix(node.shape);
  y.set(x);
  for (const [k, row] of indices.entries()) {
    if (row >= 0 && row < rows) y.set(values.subarray(k * columns, (k + 1) * columns), row * columns);
  }
};

export const gather: Kernel<"gather"> = (node, [x, index], y) => {
  const [rows, columns] = asMatrix(node.inputs[0].shape);
  const each = y.length / rows;
  for (let i = 0; i < y.length; i++) {
    const column = read(index, i);
    y[i] = column >= 0 && column < columns ? read(x, Math.floor(i / each) * columns + column) : NaN;
  }
};

export const gatherGrad: Kernel<"gatherGrad"> = (node, [g, index], dx) => {
  const { columns } = node.attributes;
  const each = g.length / elementAt(node.shape, 0);
  for (let i = 0; i < g.length; i++) {
    const column = read(index, i);
    if (column >= 0 && column < columns) addTo(dx, Math.floor(i / each) * columns + column, read(g, i));
  }
};

/** y[c] = x[index, c] */
export const row: Kernel<"row"> = (node, [x], y) => {
  const from = node.attributes.index * y.length;
  y.set(x.subarray(from, from + y.length));
};

interface Place {
  readonly values: Numbers;
  readonly shape: Shape;
  /** First element along the axis. */
  readonly from: number;
}

/** Copies `count` elements along `axis`, with all that lies inside and outside of it. */
function copyStretch(source: Place, target: Place, axis: number, count: number): void {
  const inner = sizeOf(source.shape.slice(axis + 1));
  const start = (place: Place, outer: number): number => (outer * elementAt(place.shape, axis) + place.from) * inner;
  for (let outer = 0; outer < sizeOf(source.shape.slice(0, axis)); outer++) {
    const from = start(source, outer);
    target.values.set(source.values.subarray(from, from + count * inner), start(target, outer));
  }
}
