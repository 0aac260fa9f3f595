/** @file Tensors one behind the other along an axis, and a stretch of one. */
import type { Along, Stretch } from "../../../tensor/ops/concat.ts";
import { sizeOf, type Shape } from "../../../tensor/shape.ts";
import type { Kernel, Numbers } from "../kernel.ts";

export const concat: Kernel<Along> = (node, inputs, y) => {
  const { axis } = node.attributes;
  let place = 0;
  for (const [i, x] of inputs.entries()) {
    const { shape } = node.inputs[i]!;
    copyStretch({ values: x, shape, from: 0 }, { values: y, shape: node.shape, from: place }, axis, shape[axis]!);
    place += shape[axis]!;
  }
};

export const slice: Kernel<Stretch> = (node, [x], y) => {
  const { axis, from, to } = node.attributes;
  const whole = { values: x!, shape: node.inputs[0]!.shape, from };
  copyStretch(whole, { values: y, shape: node.shape, from: 0 }, axis, to - from);
};

export const sliceGrad: Kernel<Stretch & { readonly size: number }> = (node, [g], dx) => {
  const { axis, from, to } = node.attributes;
  const part = { values: g!, shape: node.inputs[0]!.shape, from: 0 };
  copyStretch(part, { values: dx, shape: node.shape, from }, axis, to - from);
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
  const start = (place: Place, outer: number): number => (outer * place.shape[axis]! + place.from) * inner;
  for (let outer = 0; outer < sizeOf(source.shape.slice(0, axis)); outer++) {
    const from = start(source, outer);
    target.values.set(source.values.subarray(from, from + count * inner), start(target, outer));
  }
}
