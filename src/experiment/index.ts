/** @file Experiments: described, run one after another, recorded in a folder. Node's side of it is in node/. */
export { parseConfig, type Command, type Config, type ConfigInput } from "./config.ts";
export type * from "./events.ts";
export { toJson, readJson, type ExperimentFolder, type Lines } from "./folder.ts";
export { planGiven, planTraining, type PlanOptions } from "./plan.ts";
export type * from "./record.ts";
export type { Bench, RunPlan } from "./run.ts";
export { performRuns, type Experiment } from "./runs.ts";
export { distillPlans, trainPlans } from "./single.ts";
export { tutorialPlans } from "./tutorial.ts";
