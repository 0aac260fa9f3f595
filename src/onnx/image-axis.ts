/** @file Where a value has the images of a batch: along axis 0, or where attention moves them. */
import { elementAt } from "../elements.ts";
import { sizeOf, type Shape } from "../tensor/index.ts";

/**
 * The axis of the images, and how an index along it is made up: (o·N + image)·inner + i, with o below `outer` and i below `inner`. Tokens before heads of
 * N images are [tokens, N·heads, width], the axis 1 with `inner` heads.
 */
export interface ImageAxis {
  readonly axis: number;
  readonly outer: number;
  readonly inner: number;
}

/** One image after another along axis 0. */
export const FIRST: ImageAxis = { axis: 0, outer: 1, inner: 1 };

/** A shape, and where the images are in it. */
export interface Placed {
  readonly shape: Shape;
  readonly images: ImageAxis;
}

export function isSamePlace(a: ImageAxis, b: ImageAxis): boolean {
  return a.axis === b.axis && a.outer === b.outer && a.inner === b.inner;
}

/** The shape for another number of images. */
export function forBatch({ shape, images: { axis, outer, inner } }: Placed, batch: number): Shape {
  return shape.map((size, i) => (i === axis ? outer * batch * inner : size));
}

/**
 * Where the images of a value are once its elements, in their order, have another shape; `undefined` where no axis holds them all. Of several axes,
 * as a batch of one image has, the one that they share with the fewest others, and the last one last: that is of features.
 */
export function placedAgain(from: Placed, shape: Shape, batch: number): Placed | undefined {
  const stride = from.images.inner * sizeOf(from.shape.slice(from.images.axis + 1));
  const found = shape.flatMap((size, axis): Placed[] => {
    const inner = stride / sizeOf(shape.slice(axis + 1));
    const outer = size / (batch * inner);
    return Number.isInteger(inner) && Number.isInteger(outer) ? [{ shape, images: { axis, outer, inner } }] : [];
  });
  return best(found);
}

/** The first of those that are liked most. */
export function best(places: readonly Placed[]): Placed | undefined {
  return places.reduce<Placed | undefined>((a, b) => (a && !isLess(costOf(b), costOf(a)) ? a : b), undefined);
}

function costOf({ shape, images: { axis, outer, inner } }: Placed): readonly number[] {
  return [axis > 0 && axis === shape.length - 1 ? 1 : 0, outer, inner];
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && elementAt(a, at) < elementAt(b, at);
}
