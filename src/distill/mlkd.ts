/** @file Multi-level distillation: predictions compared image by image, and by their products over batch and classes. */
import { add, div, matmul, mul, softmax, square, sub, sum, type Tensor } from "../tensor/index.ts";
import { softTargetLoss } from "./losses.ts";
import { standardisedIf } from "./losses/logits.ts";
import type { Method } from "./method.ts";
import * as option from "./option.ts";

/** Images for each class in the published batches: N / C = 64 / 100. */
const published = 0.64;

const options = {
  temperatures: option.positives(
    [2, 3, 4, 5, 6],
    "each divides both networks' logits once; the losses of all are added",
  ),
  kdWeight: option.weight(1.35, "weight of the loss on each image's probabilities"),
  batchWeight: option.weight(0.45 * published, "weight of the loss on the products between the batch's images"),
  classWeight: option.weight(0.45 * published ** 2, "weight of the loss on the products between the classes"),
  standardise: option.flag(false, "whether the logits of the loss on each image are standardised first"),
};

/**
 * With P = softmax(z / T), [N, C]:
 *
 *     batch = C/N² |P_t P_tᵀ - P_s P_sᵀ|²      class = C/N² |P_tᵀ P_t - P_sᵀ P_s|²
 *
 * Squares are summed over all entries. The paper has 1/N and 1/C in place of C/N², by which the losses grow as N/C and (N/C)²;
 * divided by C/N² they mean the same for any batch and any number of classes.
 *
 * Logits [N, C]. Throws SHAPE. Jin, Wang, Lin 2023, section 3.
 */
export function levelLosses(
  student: Tensor,
  teacher: Tensor,
  temperature: number,
): { readonly batch: Tensor; readonly class: Tensor } {
  const [images, classes] = student.shape as [number, number];
  const [s, t] = [softmax(div(student, temperature)), softmax(div(teacher, temperature))];
  const between = (transposed: "transposeA" | "transposeB"): Tensor =>
    sum(square(sub(matmul(t, t, { [transposed]: true }), matmul(s, s, { [transposed]: true }))));
  const scale = classes / images ** 2;
  return { batch: mul(between("transposeB"), scale), class: mul(between("transposeA"), scale) };
}

/**
 * NOTE: the published code has two views of each image, one strongly augmented. Here both are the same view, and the weights are
 * what its sum then comes to, for N = 64 and C = 100: 0.1 of the labels' loss for either view; 0.9 of the soft targets for one
 * and half of that for the other, since masks by the teacher's confidence come to one half; and 0.45 of the other two losses once.
 */
export const mlkd: Method<typeof options, "logits"> = {
  name: "mlkd",
  title: "Multi-level logits",
  summary:
    "Matches probabilities at several temperatures: of each image, between the batch's images, between the classes.",
  paper:
    "Jin, Wang, Lin: Multi-Level Logit Distillation, 2023. https://openaccess.thecvf.com/content/CVPR2023/html/Jin_Multi-Level_Logit_Distillation_CVPR_2023_paper.html",
  options,
  presets: {
    cifar: { source: "Jin et al. 2023, section 4", options: {} },
  },
  labels: { weight: 0.2 },
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets }, { temperatures, standardise }) => {
    const [s, t] = [student.logits, targets.logits];
    const [s1, t1] = [standardisedIf(standardise, s), standardisedIf(standardise, t)];
    const levels = temperatures.map((temperature) => levelLosses(s, t, temperature));
    const total = (losses: readonly Tensor[]): Tensor => losses.reduce((a, b) => add(a, b));
    return {
      kd: total(temperatures.map((temperature) => softTargetLoss(s1, t1, temperature))),
      batch: total(levels.map(({ batch }) => batch)),
      class: total(levels.map((level) => level.class)),
    };
  },
  weights: ({ kdWeight, batchWeight, classWeight }) => ({
    kd: kdWeight,
    batch: batchWeight,
    class: classWeight,
  }),
};
