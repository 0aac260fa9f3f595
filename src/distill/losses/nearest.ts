/** @file Feature maps brought to a height and width by taking nearest neighbours. */
import { LimbeckError } from "../../errors.ts";
import { formatShape, reshape, slice, upsampleNearest2d, type Tensor } from "../../tensor/index.ts";

/**
 * x [N, C, H, W] at another height and width, each place's value that of the nearest place above and to the left, as
 * PyTorch's `interpolate` has it. Throws SHAPE unless one size divides the other.
 */
export function nearestTo(x: Tensor, size: readonly [number, number]): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const [toHeight, toWidth] = size;
  if (toHeight % height === 0 && toWidth % width === 0)
    return upsampleNearest2d(x, [toHeight / height, toWidth / width]);
  if (height % toHeight === 0 && width % toWidth === 0) {
    const windows = reshape(x, [n, c, toHeight, height / toHeight, toWidth, width / toWidth]);
    const rows = slice(windows, { axis: 3, from: 0, to: 1 });
    return reshape(slice(rows, { axis: 5, from: 0, to: 1 }), [n, c, ...size]);
  }
  throw new LimbeckError(
    "SHAPE",
    `nearest neighbours: one height and width should divide the other, got ${formatShape(x.shape)} to become ${formatShape(size)}`,
  );
}
