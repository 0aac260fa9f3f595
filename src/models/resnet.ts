/**
 * @file Residual networks for small images. He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2016,
 * https://arxiv.org/abs/1512.03385; names of layers and first values as in https://github.com/HobbitLong/RepDistiller
 */
import { elementAt } from "../elements.ts";
import { batchNorm2d, conv2d, linear, module, redraw, sequential, type Module } from "../nn/index.ts";
import { add, flatten } from "../tensor/index.ts";
import { activation, activationOption, type ActivationName } from "./activations.ts";
import { head, headOption } from "./heads.ts";
import { family, type FeaturePlace, type ModelEntry } from "./model.ts";
import { counts } from "./option.ts";

/** Channels after the first convolution and of the three stages. */
export type ResnetWidths = readonly [first: number, number, number, number];

/**
 * A network of `depth` = 6n + 2 layers, unless options say others: a convolution, three stages of n blocks of two convolutions, a linear layer. Shapes beside the
 * code are those of 32x32 images.
 */
export function resnet(depth: number, usual: ResnetWidths): Pick<ModelEntry, "options" | "create"> {
  const each = (depth - 2) / 6;
  const options = {
    widths: counts(usual, "channels of the first convolution and of the three stages"),
    blocks: counts([each, each, each], "blocks of two convolutions in each stage"),
    activation: activationOption("relu"),
    head: headOption("mean"),
  };
  return family(options, ({ classes, inputShape: [channels] }, { widths, blocks, activation: name, head: ending }) => {
    const children = {
      conv1: conv2d(channels, widths[0], 3, { padding: 1, bias: false }),
      bn1: batchNorm2d(widths[0]),
      relu: activation(name), // [N, widths[0], 32, 32]
      layer1: stage(blocks[0], widths[0], widths[1], 1, name),
      layer2: stage(blocks[1], widths[1], widths[2], 2, name), // [N, widths[2], 16, 16]
      layer3: stage(blocks[2], widths[2], widths[3], 2, name), // [N, widths[3], 8, 8]
      avgpool: head(ending),
      fc: linear(widths[3], classes),
    };
    const network = module({
      children,
      redraw: (random) => redraw(children, random, { convolution: (fanOut) => Math.sqrt(2) / Math.sqrt(fanOut) }),
      forward(x, { conv1, bn1, relu, layer1, layer2, layer3, avgpool, fc }, { note }) {
        const maps = layer3(layer2(layer1(relu(bn1(conv1(x))))));
        return fc(note("pooled", flatten(avgpool(maps))));
      },
    });
    const stages = ["layer1", "layer2", "layer3"].map((output, i): FeaturePlace => ({
      output,
      preActivation: `${output}.${elementAt(blocks, i) - 1}.sum`,
      norm: `${output}.${elementAt(blocks, i) - 1}.bn2`,
    }));
    const features = [
      { output: "relu", preActivation: "bn1", norm: "bn1" },
      ...stages,
      { output: "pooled", preActivation: "pooled" },
    ];
    return { module: network, features };
  });
}

function stage(blocks: number, inputs: number, outputs: number, stride: number, name: ActivationName): Module {
  return sequential(
    Array.from({ length: blocks }, (_, i) =>
      i === 0 ? basicBlock(inputs, outputs, stride, name) : basicBlock(outputs, outputs, 1, name),
    ),
  );
}

/** relu(bn2(conv2(relu(bn1(conv1(x))))) + x), where `downsample` fits x to the sum if shapes differ. */
export function basicBlock(inputs: number, outputs: number, stride: number, name: ActivationName = "relu"): Module {
  const isSame = stride === 1 && inputs === outputs;
  const downsample = isSame
    ? undefined
    : sequential([conv2d(inputs, outputs, 1, { stride, bias: false }), batchNorm2d(outputs)]);
  return module({
    children: {
      conv1: conv2d(inputs, outputs, 3, { stride, padding: 1, bias: false }),
      bn1: batchNorm2d(outputs),
      relu: activation(name),
      conv2: conv2d(outputs, outputs, 3, { padding: 1, bias: false }),
      bn2: batchNorm2d(outputs),
      ...(downsample && { downsample }),
    },
    forward(x, { conv1, bn1, relu, conv2, bn2, downsample }, { note }) {
      const residual = bn2(conv2(relu(bn1(conv1(x)))));
      const shortcut = downsample ? downsample(x) : x;
      return relu(note("sum", add(residual, shortcut)));
    },
  });
}
