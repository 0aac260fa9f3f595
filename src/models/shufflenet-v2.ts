/**
 * @file A small network whose blocks change one half of the channels and shuffle both. Ma, Zhang, Zheng, Sun, "ShuffleNet V2:
 * Practical Guidelines for Efficient CNN Architecture Design", 2018, https://arxiv.org/abs/1807.11164; sizes and names of
 * layers as "ShuffleV2" has them in https://github.com/HobbitLong/RepDistiller
 */
import { adaptiveAvgPool2d, batchNorm2d, conv2d, linear, module, sequential, type Module } from "../nn/index.ts";
import { channelShuffle, concat, flatten, relu, slice } from "../tensor/index.ts";
import type { Network, NetworkOptions } from "./model.ts";
import { shuffleFeatures } from "./shufflenet-v1.ts";

/** Three stages of 4, 8 and 4 blocks. Shapes beside the code are those of 32x32 images. */
export function shuffleNetV2({ classes, inputShape: [channels] }: Required<NetworkOptions>): Network {
  const network = module({
    children: {
      conv1: conv2d(channels, 24, 1, { bias: false }),
      bn1: batchNorm2d(24), // [N, 24, 32, 32]
      layer1: stage(3, 24, 116), // [N, 116, 16, 16]
      layer2: stage(7, 116, 232), // [N, 232, 8, 8]
      layer3: stage(3, 232, 464), // [N, 464, 4, 4]
      conv2: conv2d(464, 1024, 1, { bias: false }),
      bn2: batchNorm2d(1024), // [N, 1024, 4, 4]
      avgpool: adaptiveAvgPool2d(1),
      linear: linear(1024, classes),
    },
    forward(x, { conv1, bn1, layer1, layer2, layer3, conv2, bn2, avgpool, linear }, { note }) {
      const first = note("relu", relu(bn1(conv1(x))));
      const last = relu(bn2(conv2(layer3(layer2(layer1(first))))));
      return linear(note("pooled", flatten(avgpool(last))));
    },
  });
  return { module: network, features: shuffleFeatures };
}

/** A block that halves height and width, then `blocks` that keep the shape. */
function stage(blocks: number, inputs: number, outputs: number): Module {
  return sequential([downBlock(inputs, outputs), ...Array.from({ length: blocks }, () => basicBlock(outputs))]);
}

/** The first half of the channels as it is, the second by 1x1, 3x3 depthwise and 1x1; then shuffled. */
function basicBlock(channels: number): Module {
  const half = channels / 2;
  return module({
    children: {
      conv1: conv2d(half, half, 1, { bias: false }),
      bn1: batchNorm2d(half),
      conv2: conv2d(half, half, 3, { padding: 1, groups: half, bias: false }),
      bn2: batchNorm2d(half),
      conv3: conv2d(half, half, 1, { bias: false }),
      bn3: batchNorm2d(half),
    },
    forward(x, { conv1, bn1, conv2, bn2, conv3, bn3 }, { note }) {
      const kept = slice(x, { axis: 1, to: half });
      const first = relu(bn1(conv1(slice(x, { axis: 1, from: half }))));
      const changed = bn3(conv3(bn2(conv2(first))));
      // NOTE: as in the benchmark, the channels before the activation are not shuffled.
      note("joined", concat([kept, changed], 1));
      return channelShuffle(concat([kept, relu(changed)], 1), 2);
    },
  });
}

/** All channels by 3x3 depthwise and 1x1, and again by 1x1, 3x3 depthwise and 1x1; behind each other, then shuffled. */
function downBlock(inputs: number, outputs: number): Module {
  const half = outputs / 2;
  return module({
    children: {
      conv1: conv2d(inputs, inputs, 3, { stride: 2, padding: 1, groups: inputs, bias: false }),
      bn1: batchNorm2d(inputs),
      conv2: conv2d(inputs, half, 1, { bias: false }),
      bn2: batchNorm2d(half),
      conv3: conv2d(inputs, half, 1, { bias: false }),
      bn3: batchNorm2d(half),
      conv4: conv2d(half, half, 3, { stride: 2, padding: 1, groups: half, bias: false }),
      bn4: batchNorm2d(half),
      conv5: conv2d(half, half, 1, { bias: false }),
      bn5: batchNorm2d(half),
    },
    forward(x, { conv1, bn1, conv2, bn2, conv3, bn3, conv4, bn4, conv5, bn5 }) {
      const left = relu(bn2(conv2(bn1(conv1(x)))));
      const right = relu(bn5(conv5(bn4(conv4(relu(bn3(conv3(x))))))));
      return channelShuffle(concat([left, right], 1), 2);
    },
  });
}
