/** @file Images to time a network on: noise, since the time of a step does not depend on what it sees. */
import { splitOf, type Dataset, type Split } from "../data/dataset.ts";
import { torchRandom, type Random } from "../random/index.ts";

/** Batches of an epoch, all of them full. */
const batches = 64;

/** Labelled noise of this shape, the same every time. */
export function noise(
  shape: Dataset["shape"],
  { classes, batchSize }: { readonly classes: number; readonly batchSize: number },
): Dataset {
  const random = torchRandom(42);
  return {
    name: "noise",
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    shape,
    train: split(random, shape, { classes, count: batches * batchSize }),
    test: split(random, shape, { classes, count: 1 }),
    mean: Array.from({ length: shape[0] }, () => 0.5),
    std: Array.from({ length: shape[0] }, () => 0.25),
  };
}

function split(
  random: Random,
  [channels, height, width]: Dataset["shape"],
  { classes, count }: { readonly classes: number; readonly count: number },
): Split {
  return splitOf({
    pixels: Uint8Array.from(random.randint(count * channels * height * width, 0, 256)),
    labels: Uint8Array.from(random.randint(count, 0, classes)),
  });
}
