/** @file Studies on disk: read, planned, worked on. */
export { isStudyFile, readStudy, checkStudy } from "./read-study.ts";
export { compareFolders, type ComparedFolders } from "./read-results.ts";
export { estimateStudy, type RowEstimate } from "./estimate.ts";
export { chooseWorkers, halvings, measurePace, type PaceOptions, type Workers } from "./pace.ts";
export { runNamed, secondsLeft, studyState, type StudyRunState, type StudyState } from "./study-state.ts";
export { budgets, firstStudy, firstStudyText, targets, type FirstStudyAnswers } from "./first-study.ts";
export { planStudy } from "./plan-study.ts";
export { readTuning } from "./grow-plan.ts";
export { Shared } from "./shared.ts";
export {
  claimPath,
  failuresPath,
  listEnded,
  isStudyFolder,
  readFailures,
  readPlan,
  readSummaries,
  readStates,
  runFolder,
  RUNS,
  writePlan,
  type RunFailure,
  type RunState,
  type StudyPlan,
  type StudyRun,
} from "./study-folder.ts";
export { TARGETS } from "./kept-targets.ts";
export { listWorkers, showWorker } from "./workers.ts";
export { mergeStudies, type Merged } from "./merge.ts";
export { workOn, type StudyEvent, type WorkEnd, type WorkOptions } from "./work.ts";
