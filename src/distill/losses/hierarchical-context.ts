/** @file The difference of two feature maps as a whole and in ever coarser views. */
import { LimbeckError } from "../../errors.ts";
import { add, formatShape, mean, mul, sameShape, square, sub, type Tensor } from "../../tensor/index.ts";
import { pooledTo } from "./pool.ts";

/**
 * (mean d² + ½ mean d₄² + ¼ mean d₂² + ⅛ mean d₁²) / (1 + ½ + ¼ + ⅛) with d = student - teacher and d_l its means in l x l
 * windows; sizes l that are not below the map's are left out, and the fractions move up.
 *
 * Both [N, C, H, W]. Throws SHAPE where they differ, or where a size does not divide theirs. Chen et al. 2021, section 3.4.
 */
export function hierarchicalContextLoss(student: Tensor, teacher: Tensor): Tensor {
  if (!sameShape(student.shape, teacher.shape)) {
    throw new LimbeckError(
      "SHAPE",
      `hierarchicalContextLoss: both maps should have one shape, got ${formatShape(student.shape)} and ${formatShape(teacher.shape)}`,
    );
  }
  const difference = sub(student, teacher);
  const [height, width] = student.shape.slice(2) as [number, number];
  let total = mean(square(difference));
  let weights = 1;
  // NOTE: means of differences are differences of means.
  for (const [i, size] of [4, 2, 1].filter((size) => size < height).entries()) {
    if (height % size !== 0 || width % size !== 0) {
      throw new LimbeckError(
        "SHAPE",
        `hierarchicalContextLoss: maps should divide into ${size} x ${size} equal windows, got ${formatShape(student.shape)}`,
      );
    }
    const weight = 2 ** -(i + 1);
    total = add(total, mul(mean(square(pooledTo(difference, [size, size]))), weight));
    weights += weight;
  }
  return mul(total, 1 / weights);
}
