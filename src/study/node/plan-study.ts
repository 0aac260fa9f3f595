/** @file A study's plan: its runs named by what they are, so that what is done is recognised. */
import { absoluteSettings, type LoadDataOptions } from "../../experiment/node/index.ts";
import { LimbeckError } from "../../errors.ts";
import type { StudyDescription } from "../description.ts";
import { expandStudy, type DescribedRun } from "../expand.ts";
import { grownThrough, Outcomes, type NameRun } from "./grow-plan.ts";
import { Identifier } from "./identify.ts";
import type { Shared } from "./shared.ts";
import { runId, type StudyPlan, type StudyRun } from "./study-folder.ts";
import { tuningOf } from "./tune-study.ts";

export interface PlanOptions extends LoadDataOptions {
  readonly shared: Shared;
  /** The study's folder, for what its trials have come to, if it is there. */
  readonly folder: string;
  /** Called as runs are named. */
  readonly onRun?: (done: number, total: number) => void;
}

/**
 * Each run once in each row that it belongs to, in order; where settings are tuned, the runs that the trials so far call for. Throws as `expandStudy`, `tuningOf` and
 * `Identifier.identify`, saying which run it is.
 */
export async function planStudy(
  study: StudyDescription,
  { shared, folder, onRun, ...loading }: PlanOptions,
): Promise<Omit<StudyPlan, "limbeck">> {
  const described = expandStudy(study);
  const students = described.filter(({ role }) => role !== "teacher");
  const tuning = await tuningOf(study, students);
  const first = tuning ? described.filter(({ role }) => role === "teacher") : described;
  const total = first.length + (tuning ? tuning.trials * tuning.seeds.length * tuning.rows.length : 0);
  const runs: StudyRun[] = [];
  const sameRuns = new Map<string, readonly StudyRun[]>();
  const name = namingRuns(new Identifier(shared, loading));
  let named = 0;
  const counted: NameRun = async (run) => {
    const found = await name(run);
    onRun?.(Math.min(++named, total), total);
    return found;
  };
  for (const each of first) {
    const run = await counted(each);
    const known = sameRuns.get(run.identity) ?? [];
    // What is the same run as one before is that run, in each row that describes it.
    if (known.some(({ role, group, row }) => role === run.role && group === run.group && row === run.row)) continue;
    const added = { ...run, id: known[0]?.id ?? run.id };
    sameRuns.set(run.identity, [...known, added]);
    runs.push(added);
  }
  return grownThrough({ description: study, runs, tuning }, new Outcomes(folder), counted);
}

/** Names runs after their teachers: those of `before`, and those that it has named. Throws as `Identifier.identify`, saying which run it is. */
export function namingRuns(identifier: Identifier, before: readonly StudyRun[] = []): NameRun {
  const isTeacher = ({ role }: DescribedRun): boolean => role === "teacher";
  const teachers = new Map(before.filter(isTeacher).map((run) => [run.title, run]));
  return async (run) => {
    const teacher = run.teacherTitle === undefined ? undefined : teachers.get(run.teacherTitle);
    const identity = await identifier.identify(run, teacher?.identity).catch((error: unknown) => {
      if (!(error instanceof LimbeckError)) throw error;
      throw new LimbeckError(error.code, `${run.title}: ${error.message}`, { cause: error });
    });
    const id = runId(run.title, identity);
    const named = { ...run, settings: await absoluteSettings(run.settings), id, identity, teacher: teacher?.id };
    if (isTeacher(run)) teachers.set(run.title, named);
    return named;
  };
}
