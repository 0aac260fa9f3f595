/**
 * @file A small network of depthwise convolutions for large images. Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: Inverted
 * Residuals and Linear Bottlenecks", 2018, https://arxiv.org/abs/1801.04381; layers, their names and first values as torchvision has them
 */
import {
  adaptiveAvgPool2d,
  batchNorm2d,
  conv2d,
  dropout as drop,
  linear,
  module,
  redraw,
  relu6,
  sequential,
  type Module,
} from "../../nn/index.ts";
import { add, flatten } from "../../tensor/index.ts";
import type { FeaturePlace, Network, NetworkOptions } from "../model.ts";

/** Stages: how many times a block widens, its output channels, how many blocks, the first one's stride. */
const stages = [
  { widen: 1, outputs: 16, blocks: 1, stride: 1 },
  { widen: 6, outputs: 24, blocks: 2, stride: 2 },
  { widen: 6, outputs: 32, blocks: 3, stride: 2 },
  { widen: 6, outputs: 64, blocks: 4, stride: 2 },
  { widen: 6, outputs: 96, blocks: 3, stride: 1 },
  { widen: 6, outputs: 160, blocks: 3, stride: 2 },
  { widen: 6, outputs: 320, blocks: 1, stride: 1 },
] as const;
const [first, last] = [32, 1280];

/** The last blocks of [N, 24, 56, 56], [N, 32, 28, 28], [N, 96, 14, 14] and [N, 320, 7, 7], of 224x224 images. */
const places = ["features.3", "features.6", "features.13", "features.17"] as const;

/** Half of an image's height and width come out of the first convolution, a thirty-second of the last. */
export function mobileNetV2({ classes, inputShape: [channels], dropout }: Required<NetworkOptions>): Network {
  let inputs: number = first;
  const blocks = stages.flatMap(({ widen, outputs, blocks: count, stride }) =>
    Array.from({ length: count }, (_, i) => {
      const block = invertedResidual(inputs, outputs, i === 0 ? stride : 1, widen);
      inputs = outputs;
      return block;
    }),
  );
  const children = {
    features: sequential([convolution(channels, first, 3, { stride: 2 }), ...blocks, convolution(inputs, last, 1)]),
    classifier: sequential([drop(dropout), linear(last, classes)]),
    avgpool: adaptiveAvgPool2d(1),
  };
  const network = module({
    children,
    redraw: (random) =>
      redraw(children, random, {
        convolution: (fanOut) => Math.sqrt(2) / Math.sqrt(fanOut),
        linear: 0.01,
        zeroBias: true,
      }),
    forward: (x, { features, avgpool, classifier }, { note }) =>
      classifier(note("pooled", flatten(avgpool(features(x))))),
  });
  const bottlenecks = places.map((output): FeaturePlace => ({
    output,
    preActivation: output, // It has no activation.
    norm: `${output}.conv.3`,
  }));
  const features = [
    { output: "features.0", preActivation: "features.0.1", norm: "features.0.1" },
    ...bottlenecks,
    { output: "pooled", preActivation: "pooled" },
  ];
  return { module: network, features };
}

/** A convolution that keeps height and width but for its stride, a norm and a ReLU6. */
function convolution(
  inputs: number,
  outputs: number,
  kernel: 1 | 3,
  options: { readonly stride?: number; readonly groups?: number } = {},
): Module {
  const padding = (kernel - 1) / 2;
  return sequential([
    conv2d(inputs, outputs, kernel, { ...options, padding, bias: false }),
    batchNorm2d(outputs),
    relu6(),
  ]);
}

/** 1x1 to `widen` times the channels, if more, 3x3 depthwise, 1x1 back, without an activation; plus x where shapes allow. */
function invertedResidual(inputs: number, outputs: number, stride: number, widen: number): Module {
  const hidden = inputs * widen;
  const conv = sequential([
    ...(widen === 1 ? [] : [convolution(inputs, hidden, 1)]),
    convolution(hidden, hidden, 3, { stride, groups: hidden }),
    conv2d(hidden, outputs, 1, { bias: false }),
    batchNorm2d(outputs),
  ]);
  const isResidual = stride === 1 && inputs === outputs;
  return module({ children: { conv }, forward: (x, { conv }) => (isResidual ? add(x, conv(x)) : conv(x)) });
}
