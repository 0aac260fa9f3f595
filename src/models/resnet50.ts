/**
 * @file The residual network of 50 layers for small images. He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition",
 * 2016, https://arxiv.org/abs/1512.03385; names of layers and first values as "ResNet50" has them in
 * https://github.com/HobbitLong/RepDistiller
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
import { add, flatten, relu as rectify } from "../tensor/index.ts";
import type { FeaturePlace, Network, NetworkOptions } from "./model.ts";

/** Stages: how many blocks, the channels inside a block (four times as many come out), the first block's stride. */
const stages = [
  { blocks: 3, hidden: 64, stride: 1 },
  { blocks: 4, hidden: 128, stride: 2 },
  { blocks: 6, hidden: 256, stride: 2 },
  { blocks: 3, hidden: 512, stride: 2 },
] as const;

/** Shapes beside the code are those of 32x32 images. */
export function resnet50({ classes, inputShape: [channels] }: Required<NetworkOptions>): Network {
  const children = {
    conv1: conv2d(channels, 64, 3, { padding: 1, bias: false }),
    bn1: batchNorm2d(64),
    relu: relu(), // [N, 64, 32, 32]
    layer1: stage(64, stages[0]), // [N, 256, 32, 32]
    layer2: stage(256, stages[1]), // [N, 512, 16, 16]
    layer3: stage(512, stages[2]), // [N, 1024, 8, 8]
    layer4: stage(1024, stages[3]), // [N, 2048, 4, 4]
    avgpool: adaptiveAvgPool2d(1),
    linear: linear(2048, classes),
  };
  const network = module({
    children,
    redraw: (random) => redraw(children, random, { convolution: (fanOut) => Math.sqrt(2) / Math.sqrt(fanOut) }),
    forward(x, { conv1, bn1, relu, layer1, layer2, layer3, layer4, avgpool, linear }, { note }) {
      const maps = layer4(layer3(layer2(layer1(relu(bn1(conv1(x)))))));
      return linear(note("pooled", flatten(avgpool(maps))));
    },
  });
  const features = [
    { output: "relu", preActivation: "bn1", norm: "bn1" },
    ...stages.map(({ blocks }, s): FeaturePlace => ({
      output: `layer${s + 1}`,
      preActivation: `layer${s + 1}.${blocks - 1}.sum`,
      norm: `layer${s + 1}.${blocks - 1}.bn3`,
    })),
    { output: "pooled", preActivation: "pooled" },
  ];
  return { module: network, features };
}

function stage(inputs: number, { blocks, hidden, stride }: (typeof stages)[number]): Module {
  return sequential(
    Array.from({ length: blocks }, (_, i) =>
      i === 0 ? bottleneck(inputs, hidden, stride) : bottleneck(4 * hidden, hidden, 1),
    ),
  );
}

/** 1x1 to the hidden channels, 3x3, 1x1 to four times as many; plus x, which `shortcut` fits to the sum if shapes differ. */
function bottleneck(inputs: number, hidden: number, stride: number): Module {
  const outputs = 4 * hidden;
  const isSame = stride === 1 && inputs === outputs;
  const shortcut = isSame
    ? undefined
    : sequential([conv2d(inputs, outputs, 1, { stride, bias: false }), batchNorm2d(outputs)]);
  return module({
    children: {
      conv1: conv2d(inputs, hidden, 1, { bias: false }),
      bn1: batchNorm2d(hidden),
      conv2: conv2d(hidden, hidden, 3, { stride, padding: 1, bias: false }),
      bn2: batchNorm2d(hidden),
      conv3: conv2d(hidden, outputs, 1, { bias: false }),
      bn3: batchNorm2d(outputs),
      ...(shortcut && { shortcut }),
    },
    forward(x, { conv1, bn1, conv2, bn2, conv3, bn3, shortcut }, { note }) {
      const middle = rectify(bn2(conv2(rectify(bn1(conv1(x))))));
      const wide = bn3(conv3(middle));
      return rectify(note("sum", add(wide, shortcut ? shortcut(x) : x)));
    },
  });
}
