/** @file Feature maps of two networks: brought to one height and width, and compared in ever coarser views. */
import { LimbeckError } from "../../errors.ts";
import {
  axisSize,
  add,
  adaptiveAvgPool2d,
  formatShape,
  mean,
  mul,
  reshape,
  sameShape,
  slice,
  square,
  sub,
  upsampleNearest2d,
  type Shape,
  type Tensor,
  greatestCommonDivisor,
} from "../../tensor/index.ts";

/** The smaller height and width of two maps [N, ..., H, W]. Throws SHAPE for what is no map. */
export function commonSize(loss: string, student: Shape, teacher: Shape): readonly [number, number] {
  if (student.length < 3 || teacher.length < 3) unfit(loss, "maps [N, C, H, W]", student, teacher);
  const along = (axis: -2 | -1): number =>
    Math.min(axisSize({ shape: student }, axis), axisSize({ shape: teacher }, axis));
  return [along(-2), along(-1)];
}

/** x [N, C, H, W] averaged down to a height and width, as PyTorch's `adaptive_avg_pool2d` does where they do not divide. */
export function pooledTo(x: Tensor, size: readonly [number, number]): Tensor {
  return adaptiveAvgPool2d(x, size);
}

/** Stages of both networks, each with the other's that belongs to it. Throws SHAPE where one network has more. */
export function together(
  loss: string,
  student: readonly Tensor[],
  teacher: readonly Tensor[],
): readonly (readonly [student: Tensor, teacher: Tensor])[] {
  return student.map((s, i) => {
    const t = teacher[i];
    if (t && student.length === teacher.length) return [s, t] as const;
    throw new LimbeckError(
      "SHAPE",
      `${loss}: both networks should give as many stages, got ${student.length} and ${teacher.length}`,
    );
  });
}

/** Throws SHAPE unless both are maps [N, C, H, W], of any size. */
export function checkMaps(loss: string, student: Shape, teacher: Shape): void {
  if (student.length !== 4 || teacher.length !== 4) unfit(loss, "maps [N, C, H, W]", student, teacher);
}

function unfit(loss: string, expected: string, student: Shape, teacher: Shape): never {
  throw new LimbeckError(
    "SHAPE",
    `${loss}: both features should be ${expected}, got ${formatShape(student)} for the student and ` +
      `${formatShape(teacher)} for the teacher; choose other modules with pairs`,
  );
}

/**
 * x [N, C, H, W] at another height and width, each place's value that of the nearest place above and to the left, as
 * PyTorch's `interpolate` has it: place i of `size` takes place floor(i · from / size).
 */
export function nearestTo(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  return nearestAlong(nearestAlong(x, 2, height), 3, width);
}

/** Repeats each row or column until there are a common multiple of both sizes, and takes one in so many of them. */
function nearestAlong(x: Tensor, axis: 2 | 3, size: number): Tensor {
  const from = axisSize(x, axis);
  const divisor = greatestCommonDivisor(from, size);
  const [times, oneIn] = [size / divisor, from / divisor];
  const repeated = times === 1 ? x : upsampleNearest2d(x, axis === 2 ? [times, 1] : [1, times]);
  if (oneIn === 1) return repeated;
  const shape = x.shape.with(axis, size);
  const windows = reshape(repeated, shape.toSpliced(axis + 1, 0, oneIn));
  return reshape(slice(windows, { axis: axis + 1, from: 0, to: 1 }), shape);
}

/**
 * (mean d² + ½ mean d₄² + ¼ mean d₂² + ⅛ mean d₁²) / (1 + ½ + ¼ + ⅛) with d = student - teacher and d_l its means in l x l
 * windows, uneven where l does not divide; sizes l that are not below the map's are left out, and the fractions move up.
 *
 * Both [N, C, H, W]. Throws SHAPE where they differ. Chen et al. 2021, section 3.4.
 */
export function hierarchicalContextLoss(student: Tensor, teacher: Tensor): Tensor {
  if (!sameShape(student.shape, teacher.shape)) {
    throw new LimbeckError(
      "SHAPE",
      `hierarchicalContextLoss: both maps should have one shape, got ${formatShape(student.shape)} and ${formatShape(teacher.shape)}`,
    );
  }
  const difference = sub(student, teacher);
  const height = axisSize(student, 2);
  let total = mean(square(difference));
  let weights = 1;
  // NOTE: means of differences are differences of means.
  for (const [i, size] of [4, 2, 1].filter((size) => size < height).entries()) {
    const weight = 2 ** -(i + 1);
    total = add(total, mul(mean(square(pooledTo(difference, [size, size]))), weight));
    weights += weight;
  }
  return mul(total, 1 / weights);
}
