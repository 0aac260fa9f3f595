/** @file A small student in whole numbers with random weights, and images for it. */
import { torchRandom } from "../../src/random/index.ts";
import type { QuantisedNetwork } from "../../src/engine/int8/network.ts";
import type { Pixels } from "../../src/ship/web/files/student.d.ts";
import type { ShippedDescription } from "../../src/ship/description.ts";
import { Builder } from "./builder.ts";

const [mean, std] = [
  [0.49, 0.48, 0.44],
  [0.24, 0.23, 0.26],
] as const;

/** Ten classes of images of 3x32x32. */
export function wholeStudent(): { readonly network: QuantisedNetwork; readonly description: ShippedDescription } {
  const b = new Builder("student", 127, [3, 32, 32]);
  const x = b.pool("maxPool2d", b.conv(0, { outputs: 16, padding: [1, 1] }), { kernel: [2, 2] });
  const y = b.depthwise(b.add(x, b.conv(x, { outputs: 16, padding: [1, 1] })), { padding: [1, 1], stride: [2, 2] });
  b.linear(b.flatten(b.pool("avgPool2d", b.conv(y, { outputs: 40, kernel: [1, 1] }), { kernel: [8, 8] })), 10);
  const classNames = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  return {
    network: b.network,
    description: { name: "a student", inputShape: [3, 32, 32], classes: 10, classNames, normalisation: { mean, std } },
  };
}

/** RGBA. */
export function noise(width: number, height: number, seed = 1): Pixels {
  const data = Uint8ClampedArray.from(torchRandom(seed).uniform(width * height * 4, 0, 256), Math.floor);
  return { data, width, height };
}

/** As the student sees it: planes [3, H, W]. */
export function normalised({ data, width, height }: Pixels): Float32Array {
  const size = width * height;
  return Float32Array.from({ length: 3 * size }, (_, i) => {
    const c = Math.floor(i / size);
    const value = Math.fround(data[4 * (i % size) + c]! / 255);
    return Math.fround(value - Math.fround(mean[c]!)) / Math.fround(std[c]!);
  });
}
