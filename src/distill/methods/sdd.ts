/** @file Scale decoupled distillation: soft targets for parts of an image too, mostly where these tell other than the whole. */
import {
  abs,
  adaptiveAvgPool2d,
  add,
  div,
  equal,
  exp,
  logSoftmax,
  max,
  mean,
  mul,
  oneHot,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { regionLogits } from "../losses/regions.ts";
import type { Observed } from "../observed.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(4, "divides both networks' logits"),
  scales: option.counts([2, 4], "k cuts the image into k by k parts; they come beside the whole image"),
  complementaryWeight: option.weight(
    2,
    "what a part counts that is right where the whole is wrong, or wrong where it is right",
  ),
  sddWeight: option.weight(0.9, "weight of the soft-target losses of the parts (already times T²)"),
};

/**
 * T² / (N R) Σ_n Σ_r w KL(p_t ‖ p_s) with p = softmax(z / T) of image n's part r; part 0 is the whole image. The teacher is
 * right about a part where the label's class has the largest logit. w = 1 where it is right about both the part and the whole, or
 * about neither: consistent knowledge; else, complementary knowledge, w = `complementary`.
 *
 * Logits [N, R, C], labels int32 [N]. Throws SHAPE. Wei et al. 2024, section 3.
 */
export function scaleDecoupledLoss(
  student: Tensor,
  teacher: Tensor,
  labels: Tensor,
  { temperature, complementary }: { readonly temperature: number; readonly complementary: number },
): Tensor {
  const [images, , classes] = teacher.shape as [number, number, number];
  const [s, t] = [logSoftmax(div(student, temperature)), logSoftmax(div(teacher, temperature))];
  const divergences = sum(mul(exp(t), sub(t, s)), { axes: [2] }); // [N, R]
  const ofLabel = sum(mul(teacher, reshape(oneHot(labels, classes), [images, 1, classes])), { axes: [2] });
  const isRight = equal(ofLabel, max(teacher, { axes: [2] })); // [N, R]
  const differs = abs(sub(isRight, slice(isRight, { axis: 1, from: 0, to: 1 })));
  const weights = add(mul(differs, complementary - 1), 1);
  return mul(mean(mul(weights, divergences)), temperature ** 2);
}

/**
 * The logits of the whole image and of its parts, [N, R, classes]. The published code (mdistiller/models/cifar/utils.py) makes the whole and larger parts of the
 * means of 4 by 4 parts, which overlap where 4 does not divide the map's sizes: on maps of 7x7 the whole is not the network's own logits. Scales that do not
 * divide 4, which it does not have, are cut from the map.
 */
function parts(whose: string, network: Observed, scales: readonly number[]): Tensor {
  return regionLogits("sdd", whose, network, [1, ...scales], (map, scale) =>
    adaptiveAvgPool2d(FINEST % scale === 0 ? adaptiveAvgPool2d(map, FINEST) : map, scale),
  );
}

const FINEST = 4;

export const sdd: Method<typeof options, "regions"> = {
  name: "sdd",
  title: "Scale decoupled distillation",
  summary:
    "Matches soft targets of the image and its regions; a region counts more if the teacher is right about only one of the two.",
  paper: "Wei, Luo, Luo: Scaled Decoupled Distillation, 2024. https://arxiv.org/abs/2403.13512",
  options,
  presets: {
    cifar: {
      source:
        "shicaiwei123/SDD-CVPR2024, README: --M [1,2,4]; mdistiller/distillers/KD.py; mdistiller/engine/cfg.py; networks of one kind have [1,2]",
      options: {},
    },
  },
  labels: { weight: 0.1 },
  needsTeacher: true,
  targets: (teacher, { scales }) => ({ regions: parts("teacher", teacher, scales) }),
  losses: ({ student, targets, labels }, { temperature, scales, complementaryWeight }) => ({
    sdd: scaleDecoupledLoss(parts("student", student, scales), targets.regions, labels, {
      temperature,
      complementary: complementaryWeight,
    }),
  }),
  weights: ({ sddWeight }) => ({ sdd: sddWeight }),
};
