/**
 * @file The residual network of 50 layers for 32x32 images. He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition",
 * 2016, https://arxiv.org/abs/1512.03385; names of layers and first values as "ResNet50" has them in
 * https://github.com/HobbitLong/RepDistiller
 */
import { avgPool2d, batchNorm2d, conv2d, linear, redraw, relu, sequential, type Module } from "../nn/index.ts";
import { add, flatten, relu as rectify } from "../tensor/index.ts";
import type { FeaturePlace, Model, ModelOptions } from "./model.ts";

/** Stages: how many blocks, the channels inside a block (four times as many come out), the first block's stride. */
const stages = [
  { blocks: 3, hidden: 64, stride: 1 }, // [N, 256, 32, 32]
  { blocks: 4, hidden: 128, stride: 2 }, // [N, 512, 16, 16]
  { blocks: 6, hidden: 256, stride: 2 }, // [N, 1024, 8, 8]
  { blocks: 3, hidden: 512, stride: 2 }, // [N, 2048, 4, 4]
] as const;

/** For 3x32x32 images. */
export function resnet50({ classes = 10 }: Pick<ModelOptions, "classes"> = {}): Model {
  let inputs = 64;
  const layers = stages.map(({ blocks, hidden, stride }, s) => {
    const layer = Array.from({ length: blocks }, (_, i) => {
      const block = bottleneck(inputs, hidden, i === 0 ? stride : 1);
      inputs = 4 * hidden;
      return block;
    });
    return [`layer${s + 1}`, sequential(layer)] as const;
  });
  const convolutional: Readonly<Record<string, Module>> = {
    conv1: conv2d(3, 64, 3, { padding: 1, bias: false }),
    bn1: batchNorm2d(64),
    relu: relu(), // [N, 64, 32, 32]
    ...Object.fromEntries(layers),
    avgpool: avgPool2d(4),
  };
  const classifier = linear(inputs, classes);
  const children = { ...convolutional, linear: classifier };
  const module: Module = {
    children,
    redraw: (random) => redraw(children, random, { convolution: (fanOut) => Math.sqrt(2) / Math.sqrt(fanOut) }),
    forward(x, pass) {
      const pooled = Object.entries(convolutional).reduce((y, [path, child]) => pass.run(path, child, y), x);
      return pass.run("linear", classifier, pass.note("pooled", flatten(pooled)));
    },
  };
  const features = [
    { output: "relu", preActivation: "bn1", norm: "bn1" },
    ...stages.map(({ blocks }, s): FeaturePlace => ({
      output: `layer${s + 1}`,
      preActivation: `layer${s + 1}.${blocks - 1}.sum`,
      norm: `layer${s + 1}.${blocks - 1}.bn3`,
    })),
    { output: "pooled", preActivation: "pooled" },
  ];
  return { name: "ResNet50", module, inputShape: [3, 32, 32], classes, features };
}

/** 1x1 to the hidden channels, 3x3, 1x1 to four times as many; plus x, which `shortcut` fits to the sum if shapes differ. */
function bottleneck(inputs: number, hidden: number, stride: number): Module {
  const outputs = 4 * hidden;
  const children = {
    conv1: conv2d(inputs, hidden, 1, { bias: false }),
    bn1: batchNorm2d(hidden),
    conv2: conv2d(hidden, hidden, 3, { stride, padding: 1, bias: false }),
    bn2: batchNorm2d(hidden),
    conv3: conv2d(hidden, outputs, 1, { bias: false }),
    bn3: batchNorm2d(outputs),
  };
  const { conv1, bn1, conv2, bn2, conv3, bn3 } = children;
  const isSame = stride === 1 && inputs === outputs;
  const shortcut = isSame
    ? undefined
    : sequential([conv2d(inputs, outputs, 1, { stride, bias: false }), batchNorm2d(outputs)]);
  return {
    children: { ...children, ...(shortcut && { shortcut }) },
    forward(x, pass) {
      const narrow = rectify(pass.run("bn1", bn1, pass.run("conv1", conv1, x)));
      const middle = rectify(pass.run("bn2", bn2, pass.run("conv2", conv2, narrow)));
      const wide = pass.run("bn3", bn3, pass.run("conv3", conv3, middle));
      return rectify(pass.note("sum", add(wide, shortcut ? pass.run("shortcut", shortcut, x) : x)));
    },
  };
}
