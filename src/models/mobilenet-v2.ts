/**
 * @file A small network of depthwise convolutions. Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: Inverted Residuals and
 * Linear Bottlenecks", 2018, https://arxiv.org/abs/1801.04381; sizes, names of layers and first values as "MobileNetV2"
 * (half width) has them in https://github.com/HobbitLong/RepDistiller
 */
import {
  adaptiveAvgPool2d,
  batchNorm2d,
  conv2d,
  linear,
  module,
  redraw,
  relu,
  sequential,
  type Module,
} from "../nn/index.ts";
import { add, flatten } from "../tensor/index.ts";
import type { FeaturePlace, Network, NetworkOptions } from "./model.ts";

/** Stages at half the paper's width: how many times a block widens, its output channels, how many blocks, the first one's stride. */
const stages = [
  { widen: 1, outputs: 8, blocks: 1, stride: 1 },
  { widen: 6, outputs: 12, blocks: 2, stride: 1 },
  { widen: 6, outputs: 16, blocks: 3, stride: 2 },
  { widen: 6, outputs: 32, blocks: 4, stride: 2 },
  { widen: 6, outputs: 48, blocks: 3, stride: 1 },
  { widen: 6, outputs: 80, blocks: 3, stride: 2 },
  { widen: 6, outputs: 160, blocks: 1, stride: 1 },
] as const;

/** Shapes beside the code are those of 32x32 images. */
export function mobileNetV2({ classes, inputShape: [channels] }: Required<NetworkOptions>): Network {
  const [first, last] = [16, 1280];
  let inputs = first;
  const blocks = stages.map(({ widen, outputs, blocks: count, stride }) =>
    sequential(
      Array.from({ length: count }, (_, i) => {
        const block = invertedResidual(inputs, outputs, i === 0 ? stride : 1, widen);
        inputs = outputs;
        return block;
      }),
    ),
  );
  const children = {
    conv1: sequential([conv2d(channels, first, 3, { stride: 2, padding: 1, bias: false }), batchNorm2d(first), relu()]), // [N, 16, 16, 16]
    blocks: sequential(blocks), // [N, 160, 2, 2]
    conv2: sequential([conv2d(inputs, last, 1, { bias: false }), batchNorm2d(last), relu()]),
    classifier: sequential([linear(last, classes)]),
    avgpool: adaptiveAvgPool2d(1),
  };
  const network = module({
    children,
    redraw: (random) =>
      redraw(children, random, { convolution: (fanOut) => Math.sqrt(2 / fanOut), linear: 0.01, zeroBias: true }),
    forward: (x, { conv1, blocks, conv2, avgpool, classifier }, { note }) =>
      classifier(note("pooled", flatten(avgpool(conv2(blocks(conv1(x))))))),
  });
  const bottlenecks = ([1, 2, 4, 6] as const).map((i): FeaturePlace => {
    const output = `blocks.${i}`;
    return { output, preActivation: output, norm: `${output}.${stages[i].blocks - 1}.conv.7` }; // It has no activation.
  });
  const features = [
    { output: "conv1", preActivation: "conv1.1", norm: "conv1.1" },
    ...bottlenecks,
    { output: "pooled", preActivation: "pooled" },
  ];
  return { module: network, features };
}

/** 1x1 to `widen` times the channels, 3x3 depthwise, 1x1 back, without an activation; plus x where shapes allow. */
function invertedResidual(inputs: number, outputs: number, stride: number, widen: number): Module {
  const hidden = inputs * widen;
  const conv = sequential([
    conv2d(inputs, hidden, 1, { bias: false }),
    batchNorm2d(hidden),
    relu(),
    conv2d(hidden, hidden, 3, { stride, padding: 1, groups: hidden, bias: false }),
    batchNorm2d(hidden),
    relu(),
    conv2d(hidden, outputs, 1, { bias: false }),
    batchNorm2d(outputs),
  ]);
  const isResidual = stride === 1 && inputs === outputs;
  return module({ children: { conv }, forward: (x, { conv }) => (isResidual ? add(x, conv(x)) : conv(x)) });
}
