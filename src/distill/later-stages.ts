/** @file Which stages methods of several stages compare. */
import type { Stage } from "./observed.ts";

/** All but the first declared stage, which is hardly more than the image; RepDistiller and mdistiller leave it out too. A single stage stays. */
export function laterStages(stages: readonly Stage[]): readonly Stage[] {
  return stages.length > 1 ? stages.slice(1) : stages;
}
