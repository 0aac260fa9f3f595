/**
 * @file Plain stacks of convolutions for small images. Simonyan, Zisserman, "Very Deep Convolutional Networks", 2015,
 * https://arxiv.org/abs/1409.1556; batch norms, names of layers and first values as in https://github.com/HobbitLong/RepDistiller
 */
import {
  adaptiveAvgPool2d,
  batchNorm2d,
  conv2d,
  linear,
  maxPool2d,
  module,
  redraw,
  relu,
  sequential,
  type Module,
} from "../nn/index.ts";
import { flatten, relu as rectify } from "../tensor/index.ts";
import type { FeaturePlace, Network, NetworkOptions } from "./model.ts";

/** How many convolutions each of the five blocks has. */
export type VggBlocks = readonly [number, number, number, number, number];

/** From this height and width on, a fourth pool stands before the last block, as RepDistiller has it for 64x64. */
const largeSide = 64;

/**
 * Five blocks of 3x3 convolutions to 64, 128, 256, 512 and 512 channels, and a linear layer. Shapes beside the code are those of
 * 32x32 images.
 */
export function vgg(blocks: VggBlocks): (options: Required<NetworkOptions>) => Network {
  return ({ classes, inputShape: [channels, height, width] }) => {
    const isLarge = Math.min(height, width) >= largeSide;
    const children = {
      block0: stack(blocks[0], channels, 64), // [N, 64, 32, 32]
      pool0: maxPool2d(2),
      block1: stack(blocks[1], 64, 128), // [N, 128, 16, 16]
      pool1: maxPool2d(2),
      block2: stack(blocks[2], 128, 256), // [N, 256, 8, 8]
      pool2: maxPool2d(2),
      block3: stack(blocks[3], 256, 512), // [N, 512, 4, 4]
      ...(isLarge && { pool3: maxPool2d(2) }),
      block4: stack(blocks[4], 512, 512), // [N, 512, 4, 4]
      pool4: adaptiveAvgPool2d(1),
      classifier: linear(512, classes),
    };
    const network = module({
      children,
      redraw: (random) =>
        redraw(children, random, { convolution: (fanOut) => Math.sqrt(2 / fanOut), linear: 0.01, zeroBias: true }),
      forward(x, { block0, pool0, block1, pool1, block2, pool2, block3, pool3, block4, pool4, classifier }, { note }) {
        const first = note("block0.relu", rectify(block0(x)));
        const second = note("block1.relu", rectify(block1(pool0(first))));
        const third = note("block2.relu", rectify(block2(pool1(second))));
        const fourth = note("block3.relu", rectify(block3(pool2(third))));
        const fifth = note("block4.relu", rectify(block4(pool3 ? pool3(fourth) : fourth)));
        return classifier(note("pooled", flatten(pool4(fifth))));
      },
    });
    const features = blocks.map((count, i): FeaturePlace => ({
      output: `block${i}.relu`,
      preActivation: `block${i}`,
      norm: `block${i}.${3 * count - 2}`,
    }));
    const pooled = { output: "pooled", preActivation: "pooled" };
    return { module: network, features: [...features, pooled] };
  };
}

/** Convolution, norm and activation, but for the last activation, which stands outside. */
function stack(count: number, inputs: number, outputs: number): Module {
  const layers = Array.from({ length: count }, (_, i) => [
    conv2d(i === 0 ? inputs : outputs, outputs, 3, { padding: 1 }),
    batchNorm2d(outputs),
    relu(),
  ]);
  return sequential(layers.flat().slice(0, -1));
}
