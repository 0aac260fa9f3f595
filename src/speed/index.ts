/** @file How fast networks are trained on this machine, and where the time goes. */
export * from "./contender.ts";
export * from "./profile.ts";
export type { Work } from "./scene.ts";
export * from "./statistics.ts";
export { limbeckContender } from "./steps.ts";
