/** @file Methods of the table by their names. NOTE: a page that imports this has all of them. */
import { combined } from "./combine.ts";
import { findMethod } from "./methods/index.ts";
import type { Objective } from "./objective.ts";

/** What `kd`, or several methods as `kd+at`, train on. Throws UNKNOWN_NAME for a method, and as `combined` for options and preset. */
export function objectiveNamed(
  names: string,
  options: Readonly<Record<string, unknown>> = {},
  preset?: string,
): Objective {
  return combined(names.split("+").map(findMethod), options, preset);
}
