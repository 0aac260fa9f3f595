/** @file Factor transfer: the student, translated, has the teacher's features as a paraphraser sums them up. */
import { batchNorm2d, conv2d, leakyRelu, sequential, type Module } from "../../nn/index.ts";
import { axisSize, abs, mean, sub, type Tensor } from "../../tensor/index.ts";
import { attentionMap } from "./at.ts";
import { meanSquaredError } from "../losses/basic.ts";
import { checkMaps, commonSize, pooledTo } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import { mapPair, pairedMaps } from "../pairs.ts";

/**
 * mean of |A_s - A_t|, where A [N, H, W] is the attention map of a factor [N, C, H, W]; the larger map is averaged down.
 *
 * Kim, Park and Kwak 2018, equation 4 with p = 1, with RepDistiller's maps. Throws SHAPE.
 */
export function factorLoss(student: Tensor, teacher: Tensor): Tensor {
  const size = commonSize("ft", student.shape, teacher.shape);
  return mean(abs(sub(attentionMap(pooledTo(student, size)), attentionMap(pooledTo(teacher, size)))));
}

const options = {
  pairs: mapPair,
  rate: option.positive(0.5, "channels of a factor for each of the teacher's channels", { search: false }),
  initialEpochs: option.epochs(30, "epochs of the paraphraser alone, before the training"),
  factorWeight: option.weight(200, "weight of the difference of the factors"),
};

export const ft: Method<typeof options, never, "feature"> = {
  name: "ft",
  title: "Factor transfer",
  summary:
    "Compresses the teacher's features with an autoencoder, and matches them with translated features of the student.",
  paper:
    "Kim, Park, Kwak: Paraphrasing Complex Network: Network Compression via Factor Transfer, 2018. https://arxiv.org/abs/1802.04977",
  options,
  presets: {
    cifar: {
      source: "HobbitLong/RepDistiller, scripts/run_cifar_distill.sh; train_student.py: 30 epochs of the paraphraser",
      options: {},
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => pairedMaps("ft", student, teacher, pairs),
  pairTargets: ({ student, teacher: { output: feature } }) => {
    checkMaps("ft", student.output.shape, feature.shape);
    return { feature };
  },
  auxiliaries: ({ compared: [{ output, targets }] }, { rate }) => {
    const channels = axisSize(targets.feature, 1);
    const factors = Math.max(1, Math.floor(channels * rate));
    const from = axisSize(output, 1);
    return {
      paraphraser: { module: convolutions(channels, [channels, factors, factors], false), pretrainingOnly: true },
      decoder: { module: convolutions(factors, [factors, channels, channels], false), pretrainingOnly: true },
      translator: { module: convolutions(from, [from, factors, factors], true) },
    };
  },
  pretraining: ({ initialEpochs }) => [
    {
      name: "paraphraser",
      title: "Paraphraser",
      epochs: initialEpochs,
      trains: ["paraphraser", "decoder"],
      losses: ({ compared: [{ targets }], auxiliary }) => ({
        reconstruction: meanSquaredError(
          auxiliary("decoder", auxiliary("paraphraser", targets.feature)),
          targets.feature,
        ),
      }),
      weights: { reconstruction: 1 },
    },
  ],
  losses: ({ compared: [{ output, targets }], auxiliary }) => ({
    factor: factorLoss(auxiliary("translator", output), auxiliary("paraphraser", targets.feature)),
  }),
  weights: ({ factorWeight }) => ({ factor: factorWeight }),
};

/**
 * Three 3x3 convolutions to these numbers of channels, each with a leaky ReLU and, if wanted, a batch norm before it.
 * The paper's decoder transposes its convolutions, which at stride 1 turns their kernels round and changes nothing else.
 */
function convolutions(from: number, to: readonly [number, number, number], norms: boolean): Module {
  let inputs = from;
  const layers = to.flatMap((outputs): Module[] => {
    const convolution = conv2d(inputs, outputs, 3, { padding: 1 });
    inputs = outputs;
    return [convolution, ...(norms ? [batchNorm2d(outputs)] : []), leakyRelu(0.1)];
  });
  return sequential(layers);
}
