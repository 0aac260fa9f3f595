/** @file A study's plan: its runs named by what they are, so that what is done is recognised. */
import { absoluteSettings } from "../../experiment/node/resolve-config.ts";
import type { LoadDataOptions } from "../../experiment/node/load-data.ts";
import { LimbeckError } from "../../errors.ts";
import type { StudyDescription } from "../description.ts";
import { expandStudy } from "../expand.ts";
import { Identifier } from "./identify.ts";
import type { SharedData } from "./shared-data.ts";
import { runId, type StudyRun } from "./study-folder.ts";

export interface PlanOptions extends LoadDataOptions {
  readonly data: SharedData;
  /** Called as runs are named. */
  readonly onRun?: (done: number, total: number) => void;
}

/** Each run once, in order. Throws as `expandStudy` and `Identifier.identify`, saying which run it is. */
export async function planStudy(
  study: StudyDescription,
  { data, onRun, ...loading }: PlanOptions,
): Promise<readonly StudyRun[]> {
  const described = expandStudy(study);
  const identifier = new Identifier(data, loading);
  const runs = new Map<string, StudyRun>();
  const teachers = new Map<string, { readonly id: string; readonly identity: string }>();
  for (const [i, run] of described.entries()) {
    const teacher = run.teacherTitle === undefined ? undefined : teachers.get(run.teacherTitle);
    const identity = await identifier.identify(run, teacher?.identity).catch((error: unknown) => {
      if (!(error instanceof LimbeckError)) throw error;
      throw new LimbeckError(error.code, `${run.title}: ${error.message}`, { cause: error });
    });
    const id = runId(run.title, identity);
    if (run.role === "teacher") teachers.set(run.title, { id, identity });
    // Two descriptions of one run differ by their titles alone.
    const settings = await absoluteSettings(run.settings);
    if (!runs.has(identity)) runs.set(identity, { ...run, settings, id, identity, teacher: teacher?.id });
    onRun?.(i + 1, described.length);
  }
  return [...runs.values()];
}
