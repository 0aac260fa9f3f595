/** @file A first convolution that whitens the images' patches. Page, "How to Train Your ResNet 8", 2019; Jordan, https://arxiv.org/abs/2404.00498 */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { conv2d as convolve, formatShape } from "../tensor/index.ts";
import { within } from "./conv.ts";
import { symmetricEigen } from "./eigen.ts";
import { buffer, parameter, type Module, type TrainingImages } from "./module.ts";

/** Added to each eigenvalue before its root is taken, so that directions in which patches hardly differ are not blown up. */
const EPS = 5e-4;

/** How many training images the patches are taken of. */
const MOST_IMAGES = 5000;

/**
 * x [N, inputs, H, W] to [N, filters, H - kernel + 1, W - kernel + 1] with filters = 2·inputs·kernel². `weight` is a buffer, never trained:
 * once there are training images, the eigenvectors of their patches' second moments, each divided by √(eigenvalue + 0.0005), the largest
 * eigenvalue first, and then their negatives. `bias` [filters] is trained from zeros on.
 *
 * Without images the weight is drawn as a convolution's.
 */
export function whiteningConv2d(inputs: number, kernel: number): Module {
  const size = inputs * kernel * kernel;
  const bound = 1 / Math.sqrt(size);
  const weight = buffer("weight", [2 * size, inputs, kernel, kernel], within(2 * size * size, bound));
  const bias = parameter("bias", [2 * size], (random) => {
    // NOTE: PyTorch draws a bias before it is set to zeros.
    within(2 * size, bound)(random);
    return new Float32Array(2 * size);
  });
  return {
    parameters: { bias },
    buffers: { weight },
    forward: (x) => convolve(x, weight.tensor, bias.tensor),
    *fit(images) {
      yield [weight.tensor, whiteningFilters(images, kernel)];
    },
  };
}

/**
 * The filters [2·size, channels, kernel, kernel], size = channels·kernel², of 5000 images, evenly spread over all.
 *
 * Throws ARGUMENT where there is no image, SHAPE for images smaller than a patch.
 */
export function whiteningFilters(images: TrainingImages, kernel: number): Float32Array {
  const { size, moments } = patchMoments(images, kernel);
  const { values, vectors } = symmetricEigen(moments, size);
  const filters = new Float32Array(2 * size * size);
  for (const [i, vector] of vectors.entries()) {
    const scale = 1 / Math.sqrt(Math.max(0, elementAt(values, i)) + EPS);
    for (const [k, x] of vector.entries()) {
      filters[i * size + k] = x * scale;
      filters[(size + i) * size + k] = -x * scale;
    }
  }
  return filters;
}

/** Σ patch·patchᵀ / patches over all patches [channels, kernel, kernel] of the images, in float64. */
function patchMoments(
  { count: all, shape, image }: TrainingImages,
  kernel: number,
): { readonly size: number; readonly moments: Float64Array } {
  const [channels, height, width] = shape as [number, number, number];
  if (Math.min(height, width) < kernel) {
    throw new LimbeckError(
      "SHAPE",
      `whiteningConv2d: images should be at least ${kernel}x${kernel}, got ${formatShape(shape)}`,
    );
  }
  const size = channels * kernel * kernel;
  const offsets = Array.from({ length: size }, (_, k) => {
    const [channel, y, x] = [Math.floor(k / kernel ** 2), Math.floor(k / kernel) % kernel, k % kernel];
    return (channel * height + y) * width + x;
  });
  const sums = new Float64Array(size * size);
  const patch = new Float64Array(size);
  let count = 0;
  const taken = Math.min(all, MOST_IMAGES);
  for (let which = 0; which < taken; which++) {
    const pixels = image(Math.floor((which * all) / taken));
    for (let y = 0; y + kernel <= height; y++) {
      for (let x = 0; x + kernel <= width; x++) {
        for (let k = 0; k < size; k++) patch[k] = pixels[offsets[k]! + y * width + x]!;
        for (let i = 0; i < size; i++) for (let k = 0; k <= i; k++) sums[i * size + k]! += patch[i]! * patch[k]!;
        count++;
      }
    }
  }
  if (count === 0) throw new LimbeckError("ARGUMENT", "whiteningConv2d: there should be images to take patches of");
  // The upper half is the lower's mirror image.
  const moments = sums.map((_, at) => {
    const [i, k] = [Math.floor(at / size), at % size];
    return sums[Math.max(i, k) * size + Math.min(i, k)]! / count;
  });
  return { size, moments };
}
