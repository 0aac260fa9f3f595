/** @file The parts of a training in their order: the stages that the method puts first, then the training proper. */
import type { Objective, TeachingStage } from "../distill/index.ts";

/** The most epochs that a training may have: its steps are still counted exactly. */
export const mostEpochs = 1e6;

/** Epochs on the same losses. */
export interface Phase {
  /** Absent for the training proper. */
  readonly stage?: TeachingStage;
  readonly epochs: number;
  /** Epochs of the phases before. */
  readonly from: number;
}

/** The phases of a training of so many epochs after the objective's stages. */
export function phasesOf({ stages }: Pick<Objective, "stages">, epochs: number): readonly [...Phase[], Phase] {
  let from = 0;
  const before = stages.map((stage): Phase => {
    const phase = { stage, epochs: stage.epochs, from };
    from += stage.epochs;
    return phase;
  });
  return [...before, { epochs, from }];
}

/** Epochs of all phases together. */
export function countEpochs(objective: Pick<Objective, "stages">, epochs: number): number {
  return objective.stages.reduce((sum, stage) => sum + stage.epochs, epochs);
}
