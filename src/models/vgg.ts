/**
 * @file Plain stacks of convolutions for small images. Simonyan, Zisserman, "Very Deep Convolutional Networks", 2015,
 * https://arxiv.org/abs/1409.1556; batch norms, names of layers and first values as in https://github.com/HobbitLong/RepDistiller
 */
import { batchNorm2d, conv2d, linear, maxPool2d, module, redraw, sequential, type Module } from "../nn/index.ts";
import { flatten } from "../tensor/index.ts";
import { activate, activation, activationOption, type ActivationName } from "./activations.ts";
import { head, headOption } from "./heads.ts";
import { family, type FeaturePlace, type ModelEntry } from "./model.ts";
import { counts } from "./option.ts";

/** How many convolutions each of the five blocks has. */
export type VggBlocks = readonly [number, number, number, number, number];

/** From this height and width on, a fourth pool stands before the last block, as RepDistiller has it for 64x64. */
const largeSide = 64;

/**
 * Five blocks of 3x3 convolutions to 64, 128, 256, 512 and 512 channels, and a linear layer. Shapes beside the code are those of
 * 32x32 images.
 */
export function vgg(usual: VggBlocks): Pick<ModelEntry, "options" | "create"> {
  const options = {
    widths: counts([64, 128, 256, 512, 512], "channels of the five blocks"),
    blocks: counts(usual, "convolutions of each block"),
    activation: activationOption("relu"),
    head: headOption("mean"),
  };
  return family(options, ({ classes, inputShape: [channels, height, width] }, own) => {
    const { widths, blocks, activation: name } = own;
    const act = activate(name);
    const isLarge = Math.min(height, width) >= largeSide;
    const children = {
      block0: stack(blocks[0], channels, widths[0], name), // [N, 64, 32, 32]
      pool0: maxPool2d(2),
      block1: stack(blocks[1], widths[0], widths[1], name), // [N, 128, 16, 16]
      pool1: maxPool2d(2),
      block2: stack(blocks[2], widths[1], widths[2], name), // [N, 256, 8, 8]
      pool2: maxPool2d(2),
      block3: stack(blocks[3], widths[2], widths[3], name), // [N, 512, 4, 4]
      ...(isLarge && { pool3: maxPool2d(2) }),
      block4: stack(blocks[4], widths[3], widths[4], name), // [N, 512, 4, 4]
      pool4: head(own.head),
      classifier: linear(widths[4], classes),
    };
    const network = module({
      children,
      redraw: (random) =>
        redraw(children, random, { convolution: (fanOut) => Math.sqrt(2 / fanOut), linear: 0.01, zeroBias: true }),
      forward(x, { block0, pool0, block1, pool1, block2, pool2, block3, pool3, block4, pool4, classifier }, { note }) {
        const first = note("block0.relu", act(block0(x)));
        const second = note("block1.relu", act(block1(pool0(first))));
        const third = note("block2.relu", act(block2(pool1(second))));
        const fourth = note("block3.relu", act(block3(pool2(third))));
        const fifth = note("block4.relu", act(block4(pool3 ? pool3(fourth) : fourth)));
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
  });
}

/** Convolution, norm and activation, but for the last activation, which stands outside. */
function stack(count: number, inputs: number, outputs: number, name: ActivationName): Module {
  const layers = Array.from({ length: count }, (_, i) => [
    conv2d(i === 0 ? inputs : outputs, outputs, 3, { padding: 1 }),
    batchNorm2d(outputs),
    activation(name),
  ]);
  return sequential(layers.flat().slice(0, -1));
}
