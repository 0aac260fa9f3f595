/** @file How fast networks are trained on this machine, and where the time goes. */
export * from "./contender.ts";
export * from "./profile.ts";
export type { Work } from "./setup.ts";
export * from "../statistics.ts";
export { type EngineSpeed, type SpeedSize, engineSpeed, lightNNStep } from "./engine-speed.ts";
