/** @file Deep mutual learning: the student and a peer of its own kind teach each other. */
import { stopGradient } from "../../tensor/index.ts";
import { softTargetLoss } from "../losses/basic.ts";
import { standardisedIf, standardiseOption } from "../losses/logits.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";

const options = {
  temperature: option.positive(1, "divides both networks' logits"),
  kdWeight: option.weight(1, "weight of each network's divergence from the other"),
  standardise: standardiseOption,
};

/**
 *     kd = T² KL(p_peer ‖ p_student)      ce = crossEntropy(student)
 *     peerKd = T² KL(p_student ‖ p_peer)  peerCe = crossEntropy(peer)
 *
 * Each network learns from the other as it stands: no gradient flows through what it is compared with. NOTE: the paper
 * updates the two by turns; here, as in most code since, both take the same step.
 */
export const dml: Method<typeof options> = {
  name: "dml",
  title: "Mutual learning",
  summary:
    "Trains a second network of the student's architecture beside it; each matches the other's probabilities; without a teacher.",
  paper: "Zhang, Xiang, Hospedales, Lu: Deep Mutual Learning, 2017. https://arxiv.org/abs/1706.00384",
  options,
  presets: {
    cifar: { source: "Zhang et al. 2017, section 3", options: {} },
  },
  labels: { weight: 1, description: "weight of each network's cross entropy with the labels" },
  needsTeacher: false,
  auxiliaries: ({ peer }) => ({ peer: { module: peer() } }),
  losses: ({ images, student, labelsLoss, auxiliary }, { temperature, standardise }) => {
    const peerLogits = auxiliary("peer", images);
    const [own, peers] = [standardisedIf(standardise, student.logits), standardisedIf(standardise, peerLogits)];
    return {
      kd: softTargetLoss(own, stopGradient(peers), temperature),
      peerKd: softTargetLoss(peers, stopGradient(own), temperature),
      peerCe: labelsLoss(peerLogits),
    };
  },
  weights: ({ kdWeight, ceWeight }) => ({ kd: kdWeight, peerKd: kdWeight, peerCe: ceWeight }),
};
