/** @file Published as `limbeck/methods`: the losses of distillation, methods made of them, and what it takes to write one. */
import { checked } from "./checked/checked.ts";
import { listOf } from "../arguments.ts";
import * as is from "./checked/kinds.ts";
import * as inner from "../distill/index.ts";
import { aMethod } from "../distill/objective.ts";

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

const pair = { a: is.aTensor, b: is.aTensor };

export const combined = checked("combined", inner.combined, {
  methods: listOf(aMethod),
  "options?": is.anObject,
  "preset?": is.aString,
});
export const cosineLoss = checked("cosineLoss", inner.cosineLoss, pair);
export const crossEntropy = checked("crossEntropy", inner.crossEntropy, { logits: is.aTensor, labels: is.aTensor });
export const findMethod = checked("findMethod", inner.findMethod, { name: is.aString });
export const meanSquaredError = checked("meanSquaredError", inner.meanSquaredError, pair);
export const objective = checked("objective", inner.objective, {
  method: aMethod,
  "options?": is.anObject,
  "preset?": is.aString,
});
export const objectiveNamed = checked("objectiveNamed", inner.objectiveNamed, {
  names: is.aString,
  "options?": is.anObject,
  "preset?": is.aString,
});
export const softTargetLoss = checked("softTargetLoss", inner.softTargetLoss, {
  studentLogits: is.aTensor,
  teacherLogits: is.aTensor,
  temperature: is.aNumber,
});
