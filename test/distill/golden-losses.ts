/** @file Our losses by the names under which published figures have them. */
import { boundaryLoss } from "../../src/distill/methods/ab.ts";
import { attentionLoss, attentionMap } from "../../src/distill/methods/at.ts";
import { congruenceLoss } from "../../src/distill/methods/cc.ts";
import { remembered } from "../../src/distill/methods/crd.ts";
import { consistencyLosses, type ConsistencyOptions } from "../../src/distill/methods/crld.ts";
import { predictionRelations } from "../../src/distill/methods/dist.ts";
import { decoupledLosses } from "../../src/distill/methods/dkd.ts";
import { flowLoss, flows } from "../../src/distill/methods/fsp.ts";
import { factorLoss } from "../../src/distill/methods/ft.ts";
import { channelCorrelationLoss } from "../../src/distill/methods/ickd.ts";
import { cosineLoss, meanSquaredError, softTargetLoss } from "../../src/distill/losses/basic.ts";
import { contrastLoss, contrastScores, normalisation } from "../../src/distill/losses/contrast.ts";
import { commonSize, hierarchicalContextLoss, pooledTo } from "../../src/distill/losses/maps.ts";
import { isPositive } from "../../src/distill/losses/normalise.ts";
import { standardised } from "../../src/distill/losses/logits.ts";
import { smoothedCrossEntropy } from "../../src/distill/losses/basic.ts";
import { levelLosses } from "../../src/distill/methods/mlkd.ts";
import { normalisedLosses } from "../../src/distill/methods/nkd.ts";
import { selectivity, selectivityLoss } from "../../src/distill/methods/nst.ts";
import { aboveMargin, partialSquares } from "../../src/distill/methods/ofd.ts";
import { probabilityLoss } from "../../src/distill/methods/pkt.ts";
import { relationLosses } from "../../src/distill/methods/rkd.ts";
import { refinedLosses } from "../../src/distill/methods/rld.ts";
import { similarityLoss } from "../../src/distill/methods/sp.ts";
import { virtualTeacherLoss } from "../../src/distill/methods/tfkd.ts";
import { transformedDivergences } from "../../src/distill/methods/ttm.ts";
import { variationalLoss, varianceOf } from "../../src/distill/methods/vid.ts";
import { weightedSoftLabelLoss } from "../../src/distill/methods/wsld.ts";
import { weightedTransformedLoss } from "../../src/distill/methods/wttm.ts";
import {
  add,
  broadcastTo,
  constant,
  conv2d,
  mean,
  mul,
  relu,
  reshape,
  slice,
  type Tensor,
} from "../../src/tensor/index.ts";

/** A case's inputs by name, with its whole numbers (`labels`, `sampleIndices`, ...) as int32. */
type Given = Readonly<Record<string, Tensor>>;
type Options = Readonly<Record<string, number>>;

/** A loss, with the tensors that become states' new values where the case has those under `updated`. */
export type GoldenResult = Tensor | { readonly loss: Tensor; readonly updated: Readonly<Record<string, Tensor>> };

const logits = (x: Given): [Tensor, Tensor] => [x["studentLogits"]!, x["teacherLogits"]!];
const features = (x: Given): [Tensor, Tensor] => [x["studentFeature"]!, x["teacherFeature"]!];
const embeddings = (x: Given): [Tensor, Tensor] => [x["studentEmbedding"]!, x["teacherEmbedding"]!];

/** Those named `studentFeature0`, `studentFeature1`, ... or the teacher's. */
const stages = (x: Given, network: "student" | "teacher"): Tensor[] =>
  Object.keys(x).flatMap((name) => (name.startsWith(`${network}Feature`) ? [x[name]!] : []));

/** One line each. */
export const goldenLosses: Readonly<Record<string, (x: Given, options: Options) => GoldenResult>> = {
  kd: (x, { temperature }) => softTargetLoss(...logits(x), temperature!),
  lskd: (x, { temperature }) => softTargetLoss(...(logits(x).map(standardised) as [Tensor, Tensor]), temperature!),
  dkd: (x, { alpha, beta, temperature }) =>
    weighed(decoupledLosses(...logits(x), x["labels"]!, temperature!), { tckd: alpha!, nckd: beta! }),
  dist: (x, { beta, gamma, tau }) => weighed(predictionRelations(...logits(x), tau!), { inter: beta!, intra: gamma! }),
  nkd: (x, { temperature, nonTargetWeight }) =>
    weighed(normalisedLosses(...logits(x), x["labels"]!, temperature!), { target: 1, others: nonTargetWeight! }),
  wsld: (x, { temperature, standardise }) =>
    weightedSoftLabelLoss(...logits(x), x["labels"]!, { temperature: temperature!, standardise: standardise === 1 }),
  // The published code divides by N and by C what Limbeck multiplies by C/N².
  mlkd: (x, { temperature, batchWeight, classWeight }) => {
    const [n, c] = x["studentLogits"]!.shape as [number, number];
    const weights = { batch: batchWeight! * (n / c), class: classWeight! * (n / c) ** 2 };
    return weighed(levelLosses(...logits(x), temperature!), weights);
  },
  ttm: (x, { power }) => mean(transformedDivergences(...logits(x), power!)),
  wttm: (x, { power }) => weightedTransformedLoss(...logits(x), power!),
  crld: (x, { withinWeight, crossWeight, ...options }) => {
    const views = (network: string) => ({ weak: x[`${network}Logits`]!, strong: x[`${network}Strong`]! });
    const losses = consistencyLosses(views("student"), views("teacher"), options as unknown as ConsistencyOptions);
    return weighed(losses, { within: withinWeight!, cross: crossWeight! });
  },
  rld: (x, { temperature, confidenceTemperature, confidenceWeight, correlationWeight }) => {
    const temperatures = { temperature: temperature!, confidenceTemperature: confidenceTemperature! };
    const weights = { confidence: confidenceWeight!, correlation: correlationWeight! };
    return weighed(refinedLosses(...logits(x), x["labels"]!, temperatures), weights);
  },
  ls: (x, { smoothing }) => smoothedCrossEntropy(x["studentLogits"]!, x["labels"]!, smoothing!),
  tfkd: (x, { correctProbability, temperature }) =>
    virtualTeacherLoss(x["studentLogits"]!, x["labels"]!, correctProbability!, temperature!),
  hint: (x) => meanSquaredError(...features(x)),
  cosine: (x) => cosineLoss(...embeddings(x)),
  at: (x) => attention(...features(x)),
  sp: (x) => similarityLoss(...features(x)),
  cc: (x) => congruenceLoss(...embeddings(x)),
  rkd: (x, options) => relational(...embeddings(x), options),
  pkt: (x) => probabilityLoss(...embeddings(x)),
  nst: (x) => selectivityLoss(features(x)[0], selectivity(features(x)[1])),
  ickd: (x) => channelCorrelationLoss(...features(x)),
  fsp: (x) => flowLoss(flows(stages(x, "student")), flows(stages(x, "teacher"))),
  ab: (x, { margin }) => boundaryLoss(stages(x, "student"), stages(x, "teacher").map(isPositive), margin!),
  ft: (x) => factorLoss(...features(x)),
  vid: (x, { eps }) => variationalLoss(regressed(x), x["teacherFeature"]!, varianceOf(x["log_scale"]!, eps!)),
  ofd: (x) => partialSquares(x["studentFeature"]!, aboveMargin(x["teacherFeature"]!, reshape(x["margin"]!, [-1]))),
  "reviewkd-hcl": (x) => hierarchicalContextLosses(stages(x, "student"), stages(x, "teacher")),
  crd: contrast,
};

function attention(student: Tensor, teacher: Tensor): Tensor {
  return attentionLoss(student, attentionMap(pooledTo(teacher, commonSize("at", student.shape, teacher.shape))));
}

function relational(student: Tensor, teacher: Tensor, { distanceWeight, angleWeight }: Options): Tensor {
  const { distance, angle } = relationLosses(student, teacher);
  return add(mul(distance, distanceWeight!), mul(angle, angleWeight!));
}

function weighed(losses: Readonly<Record<string, Tensor>>, weights: Readonly<Record<string, number>>): Tensor {
  return Object.entries(weights)
    .map(([name, weight]) => mul(losses[name]!, weight))
    .reduce((a, b) => add(a, b));
}

/** The student's map through three 1x1 convolutions. */
function regressed(x: Given): Tensor {
  const weights = [0, 2, 4].map((i) => x[`regressor.${i}.weight`]!);
  return weights.reduce((y, weight, i) => conv2d(i > 0 ? relu(y) : y, weight), x["studentFeature"]!);
}

function hierarchicalContextLosses(student: readonly Tensor[], teacher: readonly Tensor[]): Tensor {
  return student.map((x, i) => hierarchicalContextLoss(x, teacher[i]!)).reduce((total, loss) => add(total, loss));
}

/** The first contrast index of each image is its own. */
function contrast(x: Given, { temperature, momentum }: Options): GoldenResult {
  const [indices, drawn] = [x["sampleIndices"]!, x["contrastIndices"]!];
  const [student, teacher] = embeddings(x);
  const loss = (vectors: Tensor, memory: Tensor): Tensor => {
    const scores = contrastScores({ vectors, memory, indices, negatives: drawn, temperature: temperature! });
    const others = { ...scores, others: slice(scores.others, { axis: 1, from: 1 }) };
    return contrastLoss(others, normalisation(others, broadcastTo(constant(0), [1])));
  };
  const [studentMemory, teacherMemory] = [x["studentMemory"]!, x["teacherMemory"]!];
  return {
    loss: add(loss(student, teacherMemory), loss(teacher, studentMemory)),
    updated: {
      studentMemory: remembered(studentMemory, indices, student, momentum!),
      teacherMemory: remembered(teacherMemory, indices, teacher, momentum!),
    },
  };
}
