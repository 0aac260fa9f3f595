/** @file Multi-level distillation: predictions compared image by image, and by their products over batch and classes. */
import { z } from "zod";
import { add, div, matmul, mul, softmax, square, sub, sum, type Tensor } from "../tensor/index.ts";
import { crossEntropy, softTargetLoss } from "./losses.ts";
import { standardisedIf, standardiseOption } from "./losses/standardise.ts";
import type { Method } from "./method.ts";

const options = z.strictObject({
  temperatures: z
    .array(z.number().positive())
    .min(1)
    .default([2, 3, 4, 5, 6])
    .describe("each divides both networks' logits once; the losses of all are added"),
  kdWeight: z.number().nonnegative().default(0.9).describe("weight of the loss on each image's probabilities"),
  batchWeight: z
    .number()
    .nonnegative()
    .default(0.45)
    .describe("weight of the loss on the products between the batch's images"),
  classWeight: z
    .number()
    .nonnegative()
    .default(0.45)
    .describe("weight of the loss on the products between the classes"),
  standardise: standardiseOption.describe("whether the logits of the loss on each image are standardised first"),
  ceWeight: z.number().nonnegative().default(0.1).describe("weight of the cross entropy with the labels"),
});

/**
 * With P = softmax(z / T), [N, C]:
 *
 *     batch = 1/N |P_t P_tᵀ - P_s P_sᵀ|²      class = 1/C |P_tᵀ P_t - P_sᵀ P_s|²
 *
 * Squares are summed over all entries. Logits [N, C]. Throws SHAPE. Jin, Wang, Lin 2023, section 3.
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
  return { batch: mul(between("transposeB"), 1 / images), class: mul(between("transposeA"), 1 / classes) };
}

/**
 * NOTE: the published code masks its losses by the median of the teacher's confidence, in such a way that the masks only
 * halve them; here that is in the weights. Its second, strongly augmented view of each image is left out.
 */
export const mlkd: Method<z.output<typeof options>> = {
  name: "mlkd",
  title: "Multi-level logits",
  summary:
    "Matches probabilities at several temperatures: of each image, between the batch's images, between the classes.",
  paper:
    "Jin, Wang, Lin: Multi-Level Logit Distillation, 2023. https://openaccess.thecvf.com/content/CVPR2023/html/Jin_Multi-Level_Logit_Distillation_CVPR_2023_paper.html",
  options,
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }),
  losses: ({ student, targets, labels }, { temperatures, standardise }) => {
    const [s, t] = [student.logits, targets["logits"]!];
    const [s1, t1] = [standardisedIf(standardise, s), standardisedIf(standardise, t)];
    const levels = temperatures.map((temperature) => levelLosses(s, t, temperature));
    const total = (losses: readonly Tensor[]): Tensor => losses.reduce((a, b) => add(a, b));
    return {
      kd: total(temperatures.map((temperature) => softTargetLoss(s1, t1, temperature))),
      batch: total(levels.map(({ batch }) => batch)),
      class: total(levels.map((level) => level.class)),
      ce: crossEntropy(student.logits, labels),
    };
  },
  weights: ({ kdWeight, batchWeight, classWeight, ceWeight }) => ({
    kd: kdWeight,
    batch: batchWeight,
    class: classWeight,
    ce: ceWeight,
  }),
};
