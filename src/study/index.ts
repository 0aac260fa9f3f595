/** @file The door of studies: one comparison of distillation methods over methods, options and seeds. */
export * from "./statistics/index.ts";
export {
  defineStudy,
  studyJsonSchema,
  type MethodDescription,
  type StudyDescription,
  type TuneDescription,
} from "./description.ts";
export { compareRecords, seedsIn } from "./compare-records.ts";
export { compareStudy, type FinishedRun, type GroupComparison } from "./compare-study.ts";
export type { StudyReportInput } from "./report/input.ts";
export { studyReport } from "./report/study-report.ts";
export type { RunSummary } from "./summary.ts";
export * from "./compare/index.ts";
export { reportTuning, settingsText, type RowTuning, type StudyTuning } from "./tuning/report-tuning.ts";
export type { TunedRow, Tuning } from "./tuning/tuned-row.ts";
export { kubernetesJob, type KubernetesJob } from "./kubernetes.ts";
export { sbatchScript, slurmMinutes, type SlurmJob } from "./slurm.ts";
