/** @file The embedded data set: ten kinds of figures, drawn from a seed. Nothing to download, and the same bits everywhere. */
import { elementAt } from "../elements.ts";
import { shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import type { Dataset, Split } from "./dataset.ts";
import { side } from "./shapes/canvas.ts";
import { figures } from "./shapes/figures.ts";
import { develop, paintPicture } from "./shapes/picture.ts";
import { Stream } from "./stream.ts";

/** How many images of each split, and the seed they are drawn from. */
export interface ShapesOptions {
  readonly train?: number;
  readonly test?: number;
  readonly seed?: number;
}

/** Rises when images of the same seed are drawn otherwise, so that a training on those before is not gone on with. */
const version = 1;

/** Images of each split by default. */
export const shapesCounts = { train: 8192, test: 2000 } as const;

/**
 * 32 x 32 RGB pictures of one figure each, in varying colour, size, place, rotation and texture, among clutter and noise
 * (`hardness` in shapes/picture.ts says how much). Image i depends on the seed, the split and i alone, and is drawn when it is first asked for; every ten images
 * from a multiple of ten on hold each class once.
 *
 * Throws ARGUMENT for counts that are not positive whole numbers, or a seed that is no whole number from 0 to 2³² - 1.
 */
export function shapes(options: ShapesOptions = {}): Dataset {
  const { train = shapesCounts.train, test = shapesCounts.test, seed = 0 } = options;
  checkWhole("train", train, 1);
  checkWhole("test", test, 1);
  checkWhole("seed", seed, 0);
  return {
    name: "shapes",
    classes: Object.keys(figures),
    shape: [3, side, side],
    train: drawn(seed, 0, train),
    test: drawn(seed, 1, test),
    mean: [0.38, 0.38, 0.38],
    std: [0.25, 0.25, 0.25],
    drawnFrom: `version ${version} of shapes, seed ${seed}`,
  };
}

/** Labels at once, each image when it is first asked for: a training that begins need not wait for all. */
function drawn(seed: number, split: 0 | 1, count: number): Split {
  const makers = Object.values(figures);
  const size = 3 * side * side;
  const pixels = new Uint8Array(count * size);
  const isDrawn = new Uint8Array(count);
  const canvas = new Float64Array(size);
  const labels = labelsOf(seed, split, count);
  return {
    image(i) {
      if (isDrawn[i] === 0) {
        const random = new Stream(seed, split, i);
        paintPicture(canvas, elementAt(makers, elementAt(labels, i)), random);
        develop(canvas, random, pixels, i * size);
        isDrawn[i] = 1;
      }
      return pixels.subarray(i * size, (i + 1) * size);
    },
    labels,
    count,
  };
}

/** Ten images from a multiple of ten on have each class once. */
function labelsOf(seed: number, split: 0 | 1, count: number): Uint8Array {
  const classes = Object.keys(figures).length;
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i += classes) {
    const order = new Stream(seed, split + 2, i).permutation(classes);
    labels.set(order.slice(0, count - i), i);
  }
  return labels;
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return;
  throw new LimbeckError(
    "ARGUMENT",
    `shapes: ${name} should be a whole number from ${least} to 4294967295, got ${shown(value)}`,
  );
}
