/** @file Attacks `imagePng`: sizes that are none, and what it writes read back. */
import { decode } from "fast-png";
import { splitOf } from "../../../src/data/dataset.ts";
import { imagePng } from "../../../src/data/png.ts";
import type { Stream } from "../../../src/data/stream.ts";
import { pick } from "../mutate.ts";
import type { Target } from "./target.ts";

export const pngTarget: Target = {
  name: "png",
  share: 5,
  attempt(random) {
    const shape = [pick(random, [1, 3, 3, 3, side(random)]), side(random), side(random)] as const;
    const size = shape.reduce((product, each) => product * each, 1);
    const bytes = Number.isInteger(size) && size >= 0 && size < 1e5 && random.below(4) > 0 ? size : random.below(100);
    const pixels = Uint8Array.from({ length: 2 * bytes }, () => random.below(256));
    const index = pick(random, [0, 1, 1, 2, -1, 0.5, Number.NaN]);
    const image = imagePng(splitOf({ pixels, labels: Uint8Array.of(0, 0) }), shape, index);
    const { width, height, channels, data } = decode(image, { checkCrc: true });
    if (String([channels, height, width]) !== String(shape))
      return `is ${width} x ${height} x ${channels}, not ${shape}`;
    const plane = width * height;
    const differs = data.findIndex(
      (value, i) => value !== pixels[index * bytes + (i % channels) * plane + Math.floor(i / channels)],
    );
    return differs < 0 ? undefined : `has another value at ${differs}`;
  },
};

function side(random: Stream): number {
  return random.below(3) > 0
    ? 1 + random.below(9)
    : pick(random, [0, -1, 0.5, 2.5, Number.NaN, Infinity, 1e9, 2 ** 53]);
}
