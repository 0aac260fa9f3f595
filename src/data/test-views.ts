/** @file Test-time augmentation: an image is classified in several views, and the weighted mean of the logits counts. */
import { LimbeckError } from "../errors.ts";
import type { Shift } from "../images/index.ts";
import type { Dataset } from "./dataset.ts";
import { asIs, mirrored } from "./shift.ts";

/** A view, and what its logits count; the first is the image as it is. */
export interface TestView {
  readonly view: Shift;
  readonly weight: number;
}

const shiftedBy = (pixels: number): readonly Shift[] =>
  [asIs, mirrored].map((side) => ({ ...side, down: pixels, right: pixels }));
const weighing = (weight: number, views: readonly Shift[]): readonly TestView[] =>
  views.map((view) => ({ view, weight }));

/**
 * `flip`: both sides, each half. `flip+shift`: these, each a quarter, and both shifted by one pixel up and to the left, and down and to the right, each an
 * eighth, with a reflected border, as airbench's test-time augmentation (Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024).
 */
export const testViews = {
  flip: weighing(1 / 2, [asIs, mirrored]),
  "flip+shift": [...weighing(1 / 4, [asIs, mirrored]), ...weighing(1 / 8, [...shiftedBy(-1), ...shiftedBy(1)])],
} as const satisfies Record<string, readonly TestView[]>;

export type Tta = keyof typeof testViews;

/** The views of an image of this shape. Throws UNKNOWN_NAME, and SHAPE for images that are too small to be shifted. */
export function viewsOf(tta: Tta, [, height, width]: Dataset["shape"]): readonly TestView[] {
  if (!Object.hasOwn(testViews, tta)) {
    throw new LimbeckError(
      "UNKNOWN_NAME",
      `tta should be ${Object.keys(testViews).join(" or ")}, got ${JSON.stringify(tta)}`,
    );
  }
  if (Math.min(height, width) >= 2) return testViews[tta];
  throw new LimbeckError(
    "SHAPE",
    `test-time augmentation needs images of 2 x 2 pixels at least, got ${width} x ${height}; leave tta out`,
  );
}
