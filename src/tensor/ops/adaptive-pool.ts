/** @file Pooling to a given size, whatever the size before. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import { isImages, shapeError } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { concat, slice } from "./data-movement.ts";
import { pair } from "./conv.ts";
import { avgPool2d } from "./pool.ts";
import { mean } from "./reduce.ts";

/** Rows and columns that can be asked for: each may become a part of the graph. */
const mostBins = 4096;

/**
 * Means of x [N, C, H, W] over `size` = [rows, columns] bins, [N, C, rows, columns]: PyTorch's `adaptive_avg_pool2d`. Bin i of
 * an axis goes from ⌊i·H / rows⌋ to ⌈(i + 1)·H / rows⌉, so that bins may overlap; 1 is the mean of each channel.
 *
 * x itself where it has that size, and one `avgPool2d` where the bins are equal windows. Throws SHAPE, ARGUMENT.
 */
export function adaptiveAvgPool2d(x: Tensor, size: number | readonly [number, number]): Tensor {
  const [rows, columns] = pair(size);
  if (!isImages(x.shape)) shapeError("adaptiveAvgPool2d", "x", "[N, C, H, W]", x.shape);
  const [, , height, width] = x.shape;
  if (![rows, columns].every((bins) => Number.isInteger(bins) && bins >= 1 && bins <= mostBins)) {
    throw new LimbeckError(
      "ARGUMENT",
      `adaptiveAvgPool2d: the size should be whole numbers from 1 to ${mostBins}, got ${rows} and ${columns}`,
    );
  }
  if (height === rows && width === columns) return x;
  if (height % rows === 0 && width % columns === 0) return avgPool2d(x, [height / rows, width / columns]);
  return meansOfBins(meansOfBins(x, 2, rows), 3, columns);
}

/** Along one axis. A bin of both is a rectangle, so that its mean is the mean of its columns' means. */
function meansOfBins(x: Tensor, axis: 2 | 3, bins: number): Tensor {
  const size = elementAt(x.shape, axis);
  if (size === bins) return x;
  if (size % bins === 0) return avgPool2d(x, axis === 2 ? [size / bins, 1] : [1, size / bins]);
  const means = Array.from({ length: bins }, (_, i) => {
    const [from, to] = [Math.floor((i * size) / bins), Math.ceil(((i + 1) * size) / bins)];
    return mean(slice(x, { axis, from, to }), { axes: [axis], keepDims: true });
  });
  return concat(means, axis);
}
