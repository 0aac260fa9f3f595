/** @file Published as `limbeck/methods`: the losses of distillation, methods made of them, and what it takes to write one. */
import { aNumber, anObject, aString, listOf, optional } from "../arguments.ts";
import * as inner from "../distill/index.ts";
import { aMethod } from "../distill/objective.ts";
import { checked } from "./checked/checked.ts";
import { aTensor } from "./checked/kinds.ts";

export {
  option,
  pairedMaps,
  pairedStages,
  pairedVectors,
  pairsOption,
  sumOverPairs,
  type AnyMethod,
  type AuxiliaryModule,
  type Batch,
  type Bounds,
  type ComparedStage,
  type ClassWeights,
  type Labels,
  type Losses,
  type MadeStudent,
  type Method,
  type Needs,
  type Objective,
  type Observed,
  type Option,
  type PairedPaths,
  type Pairing,
  type Place,
  type PretrainingPhase,
  type Setting,
  type Stage,
  type StagePair,
  type StagePaths,
  type StrongView,
  type Targets,
  type TeacherWeights,
  type Weight,
} from "../distill/index.ts";

const pair = { a: aTensor, b: aTensor };
const chosen = { options: optional(anObject), preset: optional(aString) };

export const combined = checked("combined", inner.combined, { methods: listOf(aMethod), ...chosen });
export const cosineLoss = checked("cosineLoss", inner.cosineLoss, pair);
export const crossEntropy = checked("crossEntropy", inner.crossEntropy, { logits: aTensor, labels: aTensor });
export const findMethod = checked("findMethod", inner.findMethod, { name: aString });
export const meanSquaredError = checked("meanSquaredError", inner.meanSquaredError, pair);
export const objective = checked("objective", inner.objective, { method: aMethod, ...chosen });
export const objectiveNamed = checked("objectiveNamed", inner.objectiveNamed, { names: aString, ...chosen });
export const softTargetLoss = checked("softTargetLoss", inner.softTargetLoss, {
  studentLogits: aTensor,
  teacherLogits: aTensor,
  temperature: aNumber,
});
