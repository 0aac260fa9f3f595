/** @file Statistics of a study: summaries over seeds, paired tests, corrections, power, bootstrap and robust aggregates. */
export { interquartileMean, performanceProfile, probabilityOfImprovement } from "./aggregates.ts";
export { bootstrapGain, drawImages, type BootstrapOptions, type CorrectFlags, type ImageDraws } from "./bootstrap.ts";
export { holm } from "./holm.ts";
export { pairedGain, type PairedGain } from "./paired-gain.ts";
export { pairedPower, seedsNeeded, type Certainty } from "./seeds-needed.ts";
export { summarise, type Bounds, type Summary } from "./summary.ts";
