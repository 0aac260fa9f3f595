/** @file Softmax regression: the teacher's classifier, on the student's feature, should say what it says on its own. */
import { LimbeckError } from "../../errors.ts";
import { batchNorm2d, conv2d, relu, sequential } from "../../nn/index.ts";
import { axisSize, flatten, reshape, type Tensor } from "../../tensor/index.ts";
import { meanSquaredError } from "../losses/basic.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import type { Observed, StagePair } from "../observed.ts";
import { pairedVectors, vectorPair } from "../pairs.ts";

const options = {
  pairs: vectorPair,
  featureWeight: option.weight(1, "weight of the squared error between the features"),
  regressionWeight: option.weight(
    1,
    "weight of the squared error between the logits of the teacher's classifier on both features",
  ),
};

/**
 * feature = mean (c(e_s) - e_t)² and regression = mean (W c(e_s) - z_t)², with e the vectors before the classifiers, W the
 * teacher's classifier, which stays as it is, z_t its logits, and c a 1x1 convolution, a norm and a ReLU.
 */
export const srrl: Method<typeof options, "embedding" | "logits"> = {
  name: "srrl",
  title: "Softmax regression",
  summary: "Matches the teacher's last feature, and the outputs of the teacher's classifier for the student's feature.",
  paper:
    "Yang, Martinez, Bulat, Tzimiropoulos: Knowledge Distillation via Softmax Regression Representation Learning, 2021. https://openreview.net/forum?id=ZzwDy_wiWv",
  options,
  presets: {
    imagenet: { source: "jingyang2017/KD_SRRL, train_imagenet_distillation.py", options: {} },
    cifar: {
      source: "yzd-v/cls_KD, configs/distillers/cifar100/res34_distill_res18_cifar.py",
      options: { regressionWeight: 5 },
    },
  },
  labels: { weight: 1 },
  needsTeacher: true,
  pairs: (student, teacher, { pairs }) => {
    const [pair] = pairedVectors("srrl", student, teacher, pairs);
    return pair.teacher.paths.output === teacher.embeddingPath ? [pair] : notSeen(pair, teacher);
  },
  targets: (teacher) => ({ embedding: teacher.embedding, logits: teacher.logits }),
  auxiliaries: ({ compared: [{ output }], targets }) => {
    const [from, to] = [axisSize(flatten(output), 1), axisSize(targets.embedding, 1)];
    return { connector: { module: sequential([conv2d(from, to, 1, { bias: false }), batchNorm2d(to), relu()]) } };
  },
  losses: ({ compared: [{ output }], targets, teacher, auxiliary }) => {
    const connected = flatten(auxiliary("connector", asMap(flatten(output)))); // [N, D of the teacher]
    return {
      feature: meanSquaredError(connected, targets.embedding),
      regression: meanSquaredError(teacher.run(teacher.classifier, connected), targets.logits),
    };
  },
  weights: ({ featureWeight, regressionWeight }) => ({
    feature: featureWeight,
    regression: regressionWeight,
  }),
};

function notSeen({ teacher: { paths } }: StagePair, { embeddingPath }: Observed): never {
  throw new LimbeckError(
    "ARGUMENT",
    `srrl: the teacher's place should be ${embeddingPath}, which its classifier sees, got ${paths.output}; ` +
      `choose ${embeddingPath} in pairs`,
  );
}

function asMap(vector: Tensor): Tensor {
  return reshape(vector, [...vector.shape, 1, 1]);
}
