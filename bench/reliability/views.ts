/** @file Strong views of random images: numbers within the image's range, the same in any batch, and an error with a code for others. */
import { failureOf } from "../../src/cli/failure.ts";
import { splitOf, type Dataset } from "../../src/data/dataset.ts";
import { normaliser } from "../../src/data/loader.ts";
import { gatherStrongViews } from "../../src/data/rand-augment.ts";
import { Stream } from "../../src/data/stream.ts";
import type { Attack } from "./attack.ts";
import { pick } from "./mutate.ts";

export const views: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const random = new Stream(seed, i, 2);
    const shape = [pick(random, [1, 3, 3, 3, 2, 4]), 1 + random.below(40), 1 + random.below(40)] as const;
    const problem = outcome(shape, random);
    if (problem !== undefined) faults.push(`seed ${seed}, try ${i}, [${shape.join(", ")}]: ${problem}`);
    if (i % 100 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

function outcome(shape: Dataset["shape"], random: Stream): string | undefined {
  const [channels, height, width] = shape;
  const [images, size] = [1 + random.below(5), channels * height * width];
  const pixels = Uint8Array.from({ length: images * size }, pixelsOf(random));
  const split = splitOf({ pixels, labels: new Uint8Array(images) });
  const table = normaliser({ shape, mean: new Array(channels).fill(0), std: new Array(channels).fill(1) });
  const indices = Int32Array.from({ length: images }, () => random.below(images));
  const own = {
    ...(random.below(2) === 0 && {
      crop: { padding: 1 + random.below(60), border: pick(random, ["reflect", "black"] as const) },
    }),
    ...(random.below(2) === 0 && { flip: { probability: pick(random, [0, 0.5, 1]), alternating: false } }),
  };
  const isTooWide = own.crop?.border === "reflect" && own.crop.padding >= Math.min(height, width);
  const isRefused = isTooWide || (channels !== 1 && channels !== 3);
  const drawn = random.bits() | 0;
  const gathered = (from: number, to: number): Float32Array => {
    const out = new Float32Array((to - from) * size).fill(NaN);
    gatherStrongViews({ split, shape, table }, indices, { from, to }, own, drawn, out);
    return out;
  };
  try {
    const all = gathered(0, images);
    if (isRefused) return "it should have been refused";
    if (!all.every((value) => value >= 0 && value <= 1)) return "a number is outside of the image's range";
    const one = random.below(images);
    const alone = gathered(one, one + 1);
    return alone.every((value, at) => value === all[one * size + at]) ? undefined : "another view in another batch";
  } catch (error) {
    const { code, message } = failureOf(error);
    return code === "ARGUMENT" && isRefused ? undefined : `${code} ${message}`;
  }
}

/** Noise, one value, or two. */
function pixelsOf(random: Stream): () => number {
  const [few, kind] = [[random.below(256), random.below(256)], random.below(3)];
  if (kind === 0) return () => random.below(256);
  return kind === 1 ? () => few[0]! : () => few[random.below(2)]!;
}
