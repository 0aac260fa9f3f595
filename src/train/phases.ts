/** @file The parts of a training in their order: the pre-training phases of the method, then the training proper. */
import type { Objective, PretrainingPhase } from "../distill/index.ts";

/** The most epochs that a training may have: its steps are still counted exactly. */
export const mostEpochs = 1e6;

/** Epochs on the same losses. */
export interface Phase {
  /** Absent for the training proper. */
  readonly pretraining?: PretrainingPhase;
  readonly epochs: number;
  /** Epochs of the phases before. */
  readonly from: number;
}

/** The phases of a training of so many epochs after the objective's pre-training. */
export function phasesOf(
  { pretraining }: Pick<Objective, "pretraining">,
  epochs: number,
): readonly [...Phase[], Phase] {
  let from = 0;
  const before = pretraining.map((pretraining): Phase => {
    const phase = { pretraining, epochs: pretraining.epochs, from };
    from += pretraining.epochs;
    return phase;
  });
  return [...before, { epochs, from }];
}

/** Epochs of all phases together. */
export function countEpochs(objective: Pick<Objective, "pretraining">, epochs: number): number {
  return objective.pretraining.reduce((sum, phase) => sum + phase.epochs, epochs);
}
