/**
 * @file Residual networks for large images. He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2016,
 * https://arxiv.org/abs/1512.03385; layers, their names and first values as torchvision has them
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
} from "../../nn/index.ts";
import { add, flatten } from "../../tensor/index.ts";
import type { FeaturePlace, Network, NetworkOptions } from "../model.ts";
import { basicBlock } from "../resnet.ts";

/** How a network's blocks are made: of `hidden` channels, `widen` times as many come out, after its last norm. */
interface BlockKind {
  readonly widen: number;
  readonly lastNorm: string;
  make(inputs: number, hidden: number, stride: number): Module;
}

/** Two 3x3 convolutions. */
export const basic: BlockKind = { widen: 1, lastNorm: "bn2", make: basicBlock };

/** A 3x3 convolution between two of 1x1. */
export const bottlenecks: BlockKind = { widen: 4, lastNorm: "bn3", make: bottleneck };

/** Channels of each stage's blocks. */
const widths = [64, 128, 256, 512] as const;

/** Four stages of so many blocks. Shapes beside the code are those of 224x224 images. */
export function resnet(
  kind: BlockKind,
  blocks: readonly [number, number, number, number],
): (options: Required<NetworkOptions>) => Network {
  const stage = (s: 0 | 1 | 2 | 3): Module => {
    const [hidden, stride] = [widths[s], s === 0 ? 1 : 2];
    const inputs = s === 0 ? 64 : widths[(s - 1) as 0 | 1 | 2] * kind.widen;
    return sequential(
      Array.from({ length: blocks[s] }, (_, i) =>
        i === 0 ? kind.make(inputs, hidden, stride) : kind.make(hidden * kind.widen, hidden, 1),
      ),
    );
  };
  return ({ classes, inputShape: [channels] }) => {
    const children = {
      conv1: conv2d(channels, 64, 7, { stride: 2, padding: 3, bias: false }),
      bn1: batchNorm2d(64),
      relu: relu(), // [N, 64, 112, 112]
      maxpool: maxPool2d(3, { stride: 2, padding: 1 }), // [N, 64, 56, 56]
      layer1: stage(0),
      layer2: stage(1), // [N, 128·widen, 28, 28]
      layer3: stage(2), // [N, 256·widen, 14, 14]
      layer4: stage(3), // [N, 512·widen, 7, 7]
      avgpool: adaptiveAvgPool2d(1),
      fc: linear(512 * kind.widen, classes),
    };
    const network = module({
      children,
      redraw: (random) => redraw(children, random, { convolution: (fanOut) => Math.sqrt(2) / Math.sqrt(fanOut) }),
      forward(x, { conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool, fc }, { note }) {
        const maps = layer4(layer3(layer2(layer1(maxpool(relu(bn1(conv1(x))))))));
        return fc(note("pooled", flatten(avgpool(maps))));
      },
    });
    const stages = blocks.map((count, s): FeaturePlace => {
      const output = `layer${s + 1}`;
      return { output, preActivation: `${output}.${count - 1}.sum`, norm: `${output}.${count - 1}.${kind.lastNorm}` };
    });
    const features = [
      { output: "relu", preActivation: "bn1", norm: "bn1" },
      ...stages,
      { output: "pooled", preActivation: "pooled" },
    ];
    return { module: network, features };
  };
}

/** 1x1 to the hidden channels, 3x3, 1x1 to four times as many; plus x, which `downsample` fits to the sum if shapes differ. */
function bottleneck(inputs: number, hidden: number, stride: number): Module {
  const outputs = 4 * hidden;
  const isSame = stride === 1 && inputs === outputs;
  const downsample = isSame
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
      relu: relu(),
      ...(downsample && { downsample }),
    },
    forward(x, { conv1, bn1, conv2, bn2, conv3, bn3, relu, downsample }, { note }) {
      const residual = bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x))))))));
      return relu(note("sum", add(residual, downsample ? downsample(x) : x)));
    },
  });
}
