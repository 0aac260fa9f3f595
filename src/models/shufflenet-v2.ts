/**
 * @file A small network whose blocks change one half of the channels and shuffle both. Ma, Zhang, Zheng, Sun, "ShuffleNet V2:
 * Practical Guidelines for Efficient CNN Architecture Design", 2018, https://arxiv.org/abs/1807.11164; sizes and names of
 * layers as "ShuffleV2" has them in https://github.com/HobbitLong/RepDistiller
 */
import { batchNorm2d, conv2d, linear, sequential, type Module } from "../nn/index.ts";
import { avgPool2d, channelShuffle, concat, flatten, relu, slice } from "../tensor/index.ts";
import type { Model, ModelOptions } from "./model.ts";
import { lastMaps, shuffleFeatures } from "./shufflenet.ts";

/** For 3x32x32 images; three stages of 4, 8 and 4 blocks. */
export function shuffleNetV2({ classes = 10 }: Pick<ModelOptions, "classes"> = {}): Model {
  const children = {
    conv1: conv2d(3, 24, 1, { bias: false }),
    bn1: batchNorm2d(24), // [N, 24, 32, 32]
    layer1: stage(3, 24, 116), // [N, 116, 16, 16]
    layer2: stage(7, 116, 232), // [N, 232, 8, 8]
    layer3: stage(3, 232, 464), // [N, 464, 4, 4]
    conv2: conv2d(464, 1024, 1, { bias: false }),
    bn2: batchNorm2d(1024), // [N, 1024, 4, 4]
    linear: linear(1024, classes),
  };
  const { conv2, bn2, linear: classifier } = children;
  const module: Module = {
    children,
    forward(x, pass) {
      const maps = lastMaps(children, x, pass);
      const last = relu(pass.run("bn2", bn2, pass.run("conv2", conv2, maps)));
      return pass.run("linear", classifier, pass.note("pooled", flatten(avgPool2d(last, 4))));
    },
  };
  return { name: "ShuffleV2", module, inputShape: [3, 32, 32], classes, features: shuffleFeatures };
}

/** A block that halves height and width, then `blocks` that keep the shape. */
function stage(blocks: number, inputs: number, outputs: number): Module {
  return sequential([downBlock(inputs, outputs), ...Array.from({ length: blocks }, () => basicBlock(outputs))]);
}

/** The first half of the channels as it is, the second by 1x1, 3x3 depthwise and 1x1; then shuffled. */
function basicBlock(channels: number): Module {
  const half = channels / 2;
  const children = {
    conv1: conv2d(half, half, 1, { bias: false }),
    bn1: batchNorm2d(half),
    conv2: conv2d(half, half, 3, { padding: 1, groups: half, bias: false }),
    bn2: batchNorm2d(half),
    conv3: conv2d(half, half, 1, { bias: false }),
    bn3: batchNorm2d(half),
  };
  const { conv1, bn1, conv2, bn2, conv3, bn3 } = children;
  return {
    children,
    forward(x, pass) {
      const kept = slice(x, { axis: 1, to: half });
      const first = relu(pass.run("bn1", bn1, pass.run("conv1", conv1, slice(x, { axis: 1, from: half }))));
      const deep = pass.run("bn2", bn2, pass.run("conv2", conv2, first));
      const changed = pass.run("bn3", bn3, pass.run("conv3", conv3, deep));
      // NOTE: as in the benchmark, the channels before the activation are not shuffled.
      pass.note("joined", concat([kept, changed], 1));
      return channelShuffle(concat([kept, relu(changed)], 1), 2);
    },
  };
}

/** All channels by 3x3 depthwise and 1x1, and again by 1x1, 3x3 depthwise and 1x1; behind each other, then shuffled. */
function downBlock(inputs: number, outputs: number): Module {
  const half = outputs / 2;
  const children = {
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
  };
  const { conv1, bn1, conv2, bn2, conv3, bn3, conv4, bn4, conv5, bn5 } = children;
  return {
    children,
    forward(x, pass) {
      const left = relu(
        pass.run("bn2", bn2, pass.run("conv2", conv2, pass.run("bn1", bn1, pass.run("conv1", conv1, x)))),
      );
      const wide = relu(pass.run("bn3", bn3, pass.run("conv3", conv3, x)));
      const deep = pass.run("bn4", bn4, pass.run("conv4", conv4, wide));
      const right = relu(pass.run("bn5", bn5, pass.run("conv5", conv5, deep)));
      return channelShuffle(concat([left, right], 1), 2);
    },
  };
}
