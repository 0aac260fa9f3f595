/** @file The door of experiments: their runs, records and events. Settings are behind settings/index.ts, what needs Node behind node/index.ts. */
export { evaluationAsJson, imagesMeasured, type Measured, resultsAsJson } from "./agreement.ts";
export { answered, ANSWERS, checkedAnswers, mostCommonAnswer } from "./answers.ts";
export { isAtChance } from "./chance.ts";
export { checkClasses, isGuessing } from "./check-teacher.ts";
export type { DataSize } from "./command-plans.ts";
export { parsePlannedRuns, PLANNED, type PlannedRuns } from "./planned-runs.ts";
export { ttaOf } from "./run.ts";
export { SharedWork, type KeepTargets } from "./shared-work.ts";
export { classColumns } from "./teacher-classes.ts";
export { checkpointPaths } from "./training.ts";
export type * from "./events.ts";
export { toJson, type ExperimentFolder } from "./folder.ts";
export type * from "./record.ts";
export { agreement, pairedDifference, parseRecord, share } from "./record.ts";
