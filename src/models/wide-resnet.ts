/**
 * @file Wide residual networks for small images. Zagoruyko, Komodakis, "Wide Residual Networks", 2016,
 * https://arxiv.org/abs/1605.07146; names of layers and first values as in https://github.com/HobbitLong/RepDistiller
 */
import { batchNorm2d, conv2d, linear, module, redraw, sequential, type Module } from "../nn/index.ts";
import { add, flatten } from "../tensor/index.ts";
import { activation, activationOption, type ActivationName } from "./activations.ts";
import { head, headOption } from "./heads.ts";
import { family, type ModelEntry } from "./model.ts";
import { counts } from "./option.ts";

/**
 * A network of 6n + 4 layers, its stages `widen` times as wide as 16, 32 and 64 channels. Shapes beside the code are those of
 * 32x32 images.
 */
export function wideResnet(depth: number, widen: number): Pick<ModelEntry, "options" | "create"> {
  const each = (depth - 4) / 6;
  const options = {
    widths: counts([16 * widen, 32 * widen, 64 * widen], "channels of the three stages"),
    blocks: counts([each, each, each], "blocks of two convolutions in each stage"),
    activation: activationOption("relu"),
    head: headOption("mean"),
  };
  return family(options, ({ classes, inputShape: [channels] }, { widths, blocks, activation: name, head: ending }) => {
    const [first, second, third] = widths;
    const children = {
      conv1: conv2d(channels, 16, 3, { padding: 1, bias: false }), // [N, 16, 32, 32]
      block1: stage(blocks[0], 16, first, 1, name),
      block2: stage(blocks[1], first, second, 2, name), // [N, 32·widen, 16, 16]
      block3: stage(blocks[2], second, third, 2, name), // [N, 64·widen, 8, 8]
      bn1: batchNorm2d(third),
      relu: activation(name),
      avgpool: head(ending),
      fc: linear(third, classes),
    };
    const network = module({
      children,
      redraw: (random) => redraw(children, random, { convolution: (fanOut) => Math.sqrt(2 / fanOut), zeroBias: true }),
      forward(x, { conv1, block1, block2, block3, bn1, relu, avgpool, fc }, { note }) {
        const maps = relu(bn1(block3(block2(block1(conv1(x))))));
        return fc(note("pooled", flatten(avgpool(maps))));
      },
    });
    // A stage ends before the norm and activation of the next.
    const features = [
      { output: "conv1", preActivation: "conv1" },
      { output: "block1", preActivation: "block2.layer.0.bn1", norm: "block2.layer.0.bn1" },
      { output: "block2", preActivation: "block3.layer.0.bn1", norm: "block3.layer.0.bn1" },
      { output: "block3", preActivation: "bn1", norm: "bn1" },
      { output: "pooled", preActivation: "pooled" },
    ];
    return { module: network, features };
  });
}

function stage(blocks: number, inputs: number, outputs: number, stride: number, name: ActivationName): Module {
  const layer = sequential(
    Array.from({ length: blocks }, (_, i) =>
      i === 0 ? basicBlock(inputs, outputs, stride, name) : basicBlock(outputs, outputs, 1, name),
    ),
  );
  return sequential({ layer });
}

/** conv2(relu2(bn2(conv1(a)))) + x with a = relu1(bn1(x)); where shapes differ, convShortcut(a) takes x's place. */
function basicBlock(inputs: number, outputs: number, stride: number, name: ActivationName): Module {
  const convShortcut = inputs === outputs ? undefined : conv2d(inputs, outputs, 1, { stride, bias: false });
  return module({
    children: {
      bn1: batchNorm2d(inputs),
      relu1: activation(name),
      conv1: conv2d(inputs, outputs, 3, { stride, padding: 1, bias: false }),
      bn2: batchNorm2d(outputs),
      relu2: activation(name),
      conv2: conv2d(outputs, outputs, 3, { padding: 1, bias: false }),
      ...(convShortcut && { convShortcut }),
    },
    forward(x, { bn1, relu1, conv1, bn2, relu2, conv2, convShortcut }) {
      const activated = relu1(bn1(x));
      const shortcut = convShortcut ? convShortcut(activated) : x;
      return add(shortcut, conv2(relu2(bn2(conv1(activated)))));
    },
  });
}
