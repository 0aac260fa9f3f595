/**
 * @file Small networks that train in seconds on a large machine, in minutes on a small one. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a
 * Single GPU", 2024, https://arxiv.org/abs/2404.00498; names of parameters as in https://github.com/KellerJordan/cifar10-airbench
 */
import {
  batchNorm2d,
  conv2d,
  flatten,
  linear,
  maxPool2d,
  module,
  sequential,
  whiteningConv2d,
  type Module,
} from "../nn/index.ts";
import { mul } from "../tensor/index.ts";
import { activation, activationOption, type ActivationName } from "./activations.ts";
import { family, type ModelEntry } from "./model.ts";
import { head, headOption } from "./heads.ts";
import { counts, factor } from "./option.ts";

/** Channels of the three stages. */
export type AirbenchWidths = readonly [number, number, number];

/**
 * Patches of 2x2 whitened, three stages of two convolutions, the largest number of each map, a linear layer without bias, its logits scaled. Norms
 * learn no scale. Shapes beside the code are those of 32x32 images.
 *
 * A stage's output is what its second activation gives; of the first, too, the path is `activ`, which stands for the later.
 */
export function airbench(widths: AirbenchWidths): Pick<ModelEntry, "options" | "create"> {
  const options = {
    widths: counts(widths, "channels of the three stages"),
    activation: activationOption("gelu"),
    // Of 32x32 images, the recipe's 3x3 pool.
    head: headOption("max"),
    scale: factor(1 / 9, "what logits are multiplied by"),
  };
  return family(options, ({ classes, inputShape: [channels] }, { widths, activation: name, head: ending, scale }) => {
    const filters = 2 * channels * 2 * 2;
    const [first, second, third] = widths;
    const network = sequential([
      whiteningConv2d(channels, 2), // [N, 24, 31, 31]
      activation(name),
      stage(filters, first, name), // [N, widths[0], 15, 15]
      stage(first, second, name), // [N, widths[1], 7, 7]
      stage(second, third, name), // [N, widths[2], 3, 3]
      head(ending), // [N, widths[2], 1, 1]
      flatten(),
      scaledLinear(third, classes, scale),
    ]);
    return {
      module: network,
      features: [
        { output: "1", preActivation: "0" },
        ...["2", "3", "4"].map((path) => ({ output: path, preActivation: `${path}.norm2`, norm: `${path}.norm2` })),
        { output: "6", preActivation: "6" },
      ],
    };
  });
}

/** activ(norm2(conv2(activ(norm1(pool(conv1(x))))))) */
function stage(inputs: number, outputs: number, name: ActivationName): Module {
  const convolution = (from: number): Module => conv2d(from, outputs, 3, { padding: 1, bias: false, dirac: true });
  // The recipe says 0.6, which is what stays of the running averages; PyTorch's momentum is what comes in.
  const norm = (): Module => batchNorm2d(outputs, { eps: 1e-12, momentum: 0.4, scale: false });
  return module({
    children: {
      conv1: convolution(inputs),
      pool: maxPool2d(2),
      norm1: norm(),
      conv2: convolution(outputs),
      norm2: norm(),
      activ: activation(name),
    },
    forward: (x, { conv1, pool, norm1, conv2, norm2, activ }) => activ(norm2(conv2(activ(norm1(pool(conv1(x))))))),
  });
}

/** One module, so that it is the whole classifier. */
function scaledLinear(inputs: number, classes: number, scale: number): Module {
  const layer = linear(inputs, classes, { bias: false });
  return { ...layer, forward: (x, ...rest) => mul(layer.forward(x, ...rest), scale) };
}
