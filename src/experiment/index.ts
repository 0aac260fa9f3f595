/** @file Experiments: described, run one after another, recorded in a folder. Node's side of it is in node/. */
export { parseConfig, type Command, type Config, type ConfigInput } from "./config.ts";
export type * from "./events.ts";
export { performRuns, type Experiment } from "./experiment.ts";
export { toJson, readJson, type ExperimentFolder, type Lines } from "./folder.ts";
export { distillPlans, trainPlans, tutorialPlans } from "./command-plans.ts";
export { planTraining, type PlanOptions, type RunContext, type RunPlan } from "./plan.ts";
export type * from "./record.ts";
