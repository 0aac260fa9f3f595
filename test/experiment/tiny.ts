/** @file A model and a data set so small that the reference engine trains them in milliseconds. */
import { splitOf, type Dataset, type Split } from "../../src/data/dataset.ts";
import type { Engine } from "../../src/engine/contract.ts";
import type { Model } from "../../src/models/model.ts";
import {
  batchNorm2d,
  conv2d,
  dropout,
  flatten,
  initialise,
  linear,
  maxPool2d,
  relu,
  sequential,
} from "../../src/nn/index.ts";
import { torchRandom, type Random } from "../../src/random/index.ts";
import type { Learner } from "../../src/distill/learner.ts";

/** Images of [2, 4, 4] whose class decides which of three corners is bright; the rest is noise. */
export function tinyDataset({ train = 22, test = 10, seed = 7 } = {}): Dataset {
  const random = torchRandom(seed);
  const split = (count: number): Split => {
    const labels = Uint8Array.from(random.randint(count, 0, 3));
    const pixels = Uint8Array.from(random.randint(count * 32, 0, 120));
    const corners = [0, 3, 12];
    for (const [i, label] of labels.entries()) pixels[i * 32 + corners[label]!]! += 120;
    return splitOf({ pixels, labels });
  };
  return {
    name: "tiny",
    classes: ["north-west", "north-east", "south-west"],
    shape: [2, 4, 4],
    train: split(train),
    test: split(test),
    mean: [0.5, 0.5],
    std: [0.25, 0.25],
  };
}

/** One convolution of `channels` maps, normalised if wanted, pooled to 2x2, and a classifier with dropout. */
export function tinyModel({ channels = 2, classes = 3, name = "Tiny", drop = 0.3, norm = false } = {}): Model {
  const features = sequential([
    conv2d(2, channels, 3, { padding: 1 }),
    ...(norm ? [batchNorm2d(channels)] : []),
    relu(),
    maxPool2d(2),
  ]);
  const classifier = sequential([linear(channels * 4, 8), relu(), dropout(drop), linear(8, classes)]);
  const module = sequential({ features, flatten: flatten(), classifier });
  const places = ["features", "classifier.1"].map((path) => ({ output: path, preActivation: path }));
  return { name, module, inputShape: [2, 4, 4], classes, features: places };
}

/** Draws first values and puts them into the engine. */
export async function begin(
  engine: Engine,
  { model, auxiliaries }: Pick<Learner, "model" | "auxiliaries">,
  random: Random,
) {
  for (const [tensor, values] of initialise(model.module, random, Object.values(auxiliaries))) {
    await engine.write(tensor, values);
  }
}
