/** @file Two networks' feature maps brought to one height and width. */
import { LimbeckError } from "../../errors.ts";
import { avgPool2d, formatShape, type Shape, type Tensor } from "../../tensor/index.ts";

const poolable = "maps [N, C, H, W] where one's H and W divide the other's";

/** The smaller height and width of two maps [N, ..., H, W]. Throws SHAPE where the smaller does not divide the larger. */
export function commonSize(loss: string, student: Shape, teacher: Shape): readonly [number, number] {
  const along = (axis: -2 | -1): number => {
    const sizes = [student.at(axis)!, teacher.at(axis)!];
    const least = Math.min(...sizes);
    return sizes.every((size) => size % least === 0) ? least : unfit(loss, poolable, student, teacher);
  };
  if (student.length < 3 || teacher.length < 3) unfit(loss, poolable, student, teacher);
  return [along(-2), along(-1)];
}

/** x [N, C, H, W] averaged down to a height and width that divide its own. */
export function pooledTo(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  const window = [x.shape[2]! / height, x.shape[3]! / width] as const;
  return window.every((size) => size === 1) ? x : avgPool2d(x, window);
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
