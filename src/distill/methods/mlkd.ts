/** @file Multi-level distillation: predictions compared image by image, and by their products over batch and classes. */
import { add, div, matmul, mul, softmax, square, sub, sum, type Tensor } from "../../tensor/index.ts";
import { softTargetLoss } from "../losses/basic.ts";
import { standardisedIf } from "../losses/logits.ts";
import type { Method, StrongView } from "../method.ts";
import * as option from "../option.ts";

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
  strongView: option.flag(false, "whether a strong view of each image is matched too"),
  strongKdWeight: option.weight(
    0.9,
    "weight of the loss on each image's probabilities of the strong view, if there is one",
  ),
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
 * NOTE: the published code has two views of each image, one strongly augmented, as the preset `views` has them: 0.1 of the labels'
 * loss for either view; 0.9 of the soft targets for the strong view and half of that for the weak one, since its mask by the teacher's
 * confidence multiplies a mean and comes to one half; and 0.45 of the other two losses for the weak view, for N = 64 and C = 100. (At two
 * of the five temperatures the code has the weak view in the strong one's place, which the paper has not.) By default both are
 * the same view, and the weights are what that sum then comes to.
 */
export const mlkd: Method<typeof options, "logits"> = {
  name: "mlkd",
  title: "Multi-level logits",
  summary:
    "Matches probabilities at several temperatures: per image, between the images of a batch, and between classes.",
  paper:
    "Jin, Wang, Lin: Multi-Level Logit Distillation, 2023. https://openaccess.thecvf.com/content/CVPR2023/html/Jin_Multi-Level_Logit_Distillation_CVPR_2023_paper.html",
  options,
  presets: {
    cifar: { source: "Jin et al. 2023, section 4", options: {} },
    views: {
      source:
        "Jin-Ying/Multi-Level-Logit-Distillation, mdistiller/distillers/KD_ours.py, whose masks by confidence come to one half",
      options: { strongView: true, kdWeight: 0.45, ceWeight: 0.1 },
    },
  },
  labels: { weight: 0.2, description: "weight of the cross entropy with the labels, of either view" },
  needsTeacher: true,
  needs: ({ strongView }) => ({ strongView }),
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: (batch, { temperatures, standardise, strongView }) => {
    const [s, t] = [batch.student.logits, batch.targets.logits];
    const levels = temperatures.map((temperature) => levelLosses(s, t, temperature));
    const total = (losses: readonly Tensor[]): Tensor => losses.reduce((a, b) => add(a, b));
    const soft = (student: Tensor, teacher: Tensor): Tensor => {
      const [s, t] = [standardisedIf(standardise, student), standardisedIf(standardise, teacher)];
      return total(temperatures.map((temperature) => softTargetLoss(s, t, temperature)));
    };
    const ofStrong = ({ student: { logits }, targets }: StrongView<"logits">) => ({
      strongKd: soft(logits, targets.logits),
      strongCe: batch.labelsLoss(logits),
    });
    return {
      kd: soft(s, t),
      batch: total(levels.map(({ batch }) => batch)),
      class: total(levels.map((level) => level.class)),
      ...(strongView && ofStrong(batch.strong)),
    };
  },
  weights: ({ kdWeight, batchWeight, classWeight, strongView, strongKdWeight, ceWeight }) => ({
    kd: kdWeight,
    batch: batchWeight,
    class: classWeight,
    ...(strongView && { strongKd: strongKdWeight, strongCe: ceWeight }),
  }),
};
