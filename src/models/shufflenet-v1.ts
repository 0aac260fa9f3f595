/**
 * @file A small network of grouped 1x1 convolutions whose channels are shuffled in between. Zhang, Zhou, Lin, Sun, "ShuffleNet: An
 * Extremely Efficient Convolutional Neural Network for Mobile Devices", 2018, https://arxiv.org/abs/1707.01083; sizes and names
 * of layers as "ShuffleV1" has them in https://github.com/HobbitLong/RepDistiller
 */
import { adaptiveAvgPool2d, batchNorm2d, conv2d, linear, module, sequential, type Module } from "../nn/index.ts";
import { add, avgPool2d, channelShuffle, concat, flatten, relu } from "../tensor/index.ts";
import type { FeaturePlace, Network, NetworkOptions } from "./model.ts";

/** Groups of the 1x1 convolutions. */
const groups = 3;

/** Where methods find the stages of both ShuffleNets, of 4, 8 and 4 blocks; each block notes its result before the activation as `joined`. */
export const shuffleFeatures: readonly FeaturePlace[] = [
  { output: "relu", preActivation: "bn1" },
  { output: "layer1", preActivation: "layer1.3.joined" },
  { output: "layer2", preActivation: "layer2.7.joined" },
  { output: "layer3", preActivation: "layer3.3.joined" },
  { output: "pooled", preActivation: "pooled" },
];

/** Three stages of 4, 8 and 4 blocks. Shapes beside the code are those of 32x32 images. */
export function shuffleNetV1({ classes, inputShape: [channels] }: Required<NetworkOptions>): Network {
  const network = module({
    children: {
      conv1: conv2d(channels, 24, 1, { bias: false }),
      bn1: batchNorm2d(24), // [N, 24, 32, 32]
      layer1: stage(4, 24, 240), // [N, 240, 16, 16]
      layer2: stage(8, 240, 480), // [N, 480, 8, 8]
      layer3: stage(4, 480, 960), // [N, 960, 4, 4]
      avgpool: adaptiveAvgPool2d(1),
      linear: linear(960, classes),
    },
    forward(x, { conv1, bn1, layer1, layer2, layer3, avgpool, linear }, { note }) {
      const first = note("relu", relu(bn1(conv1(x))));
      const maps = layer3(layer2(layer1(first)));
      return linear(note("pooled", flatten(avgpool(maps))));
    },
  });
  return { module: network, features: shuffleFeatures };
}

/** The first block halves height and width, and its shortcut brings its channels along. */
function stage(blocks: number, inputs: number, outputs: number): Module {
  return sequential(
    Array.from({ length: blocks }, (_, i) =>
      i === 0 ? bottleneck(inputs, outputs - inputs, 2) : bottleneck(outputs, outputs, 1),
    ),
  );
}

/**
 * 1x1 in groups to a quarter of the channels, shuffle, 3x3 depthwise, 1x1 in groups; joined with x by a sum, or, with stride 2,
 * with the mean of each 3x3 of x by standing behind each other.
 */
function bottleneck(inputs: number, outputs: number, stride: 1 | 2): Module {
  const hidden = outputs / 4;
  const firstGroups = inputs === 24 ? 1 : groups; // The network's first 24 channels are too few.
  return module({
    children: {
      conv1: conv2d(inputs, hidden, 1, { groups: firstGroups, bias: false }),
      bn1: batchNorm2d(hidden),
      conv2: conv2d(hidden, hidden, 3, { stride, padding: 1, groups: hidden, bias: false }),
      bn2: batchNorm2d(hidden),
      conv3: conv2d(hidden, outputs, 1, { groups, bias: false }),
      bn3: batchNorm2d(outputs),
    },
    forward(x, { conv1, bn1, conv2, bn2, conv3, bn3 }, { note }) {
      const narrow = relu(bn1(conv1(x)));
      const deep = relu(bn2(conv2(channelShuffle(narrow, firstGroups))));
      const wide = bn3(conv3(deep));
      const joined = stride === 2 ? concat([wide, avgPool2d(x, 3, { stride: 2, padding: 1 })], 1) : add(wide, x);
      return relu(note("joined", joined));
    },
  });
}
