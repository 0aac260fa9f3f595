/** @file A study's folder: its plan, and a folder for each run, shared by any number of processes on any number of machines. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../data/node/lock.ts";
import { makeNested } from "../../data/node/folders.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { readJsonIfThere, writeWhole } from "../../experiment/node/index.ts";
import type { StudyDescription } from "../description.ts";
import type { DescribedRun } from "../expand.ts";
import { parseSummary, type RunSummary } from "../summary.ts";
import type { Outcome, Tuning } from "../tuning/tuned-row.ts";
import { version } from "../../version.ts";

/** A described run, named. */
export interface StudyRun extends DescribedRun {
  /** Its folder in `runs/`: its title and the beginning of its identity. */
  readonly id: string;
  /** What its settings, images, teacher and modules are: a SHA-256. */
  readonly identity: string;
  /** The id of the run that trains its teacher. */
  readonly teacher?: string | undefined;
}

/** `study.json`. */
export interface StudyPlan {
  readonly limbeck: string;
  readonly description: StudyDescription;
  readonly runs: readonly StudyRun[];
  /** How the settings of its rows are chosen, where they are. The runs grow with it. */
  readonly tuning?: Tuning | undefined;
}

/** What became of a run. */
export type RunState = "new" | "begun" | "done" | "set aside";

/** A run that ended in an error. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly date: string;
}

const PLAN = "study.json";
/** The folder of runs in the folder of a study. */
export const RUNS = "runs";
const SUMMARY = ".json";
const FAILURES = ".failures.jsonl";

/** A run's id: `kd-temperature-4-seed-2-1a2b3c4d5e6f`. */
export function runId(title: string, identity: string): string {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80);
  return `${slug}-${identity.slice(0, 12)}`;
}

/** Writes the plan, whole or not at all. Throws OUTPUT for a folder that holds something else, or cannot be written. */
export async function writePlan(
  folder: string,
  { description, runs, tuning }: Omit<StudyPlan, "limbeck">,
): Promise<void> {
  await attempt(folder, async () => {
    await makeNested(join(folder, RUNS));
    const others = (await readdir(folder)).filter(
      (name) => name !== RUNS && !name.startsWith(PLAN) && !name.startsWith("."),
    );
    if (others.length > 0 && !isStudyFolder(folder))
      throw new LimbeckError(
        "OUTPUT",
        `${folder} holds ${others[0]}, and is no study's folder; choose another with --out`,
      );
    await withPlanLock(folder, () => writeLocked(folder, { limbeck: version, description, runs, tuning }));
  });
}

/** Changes the plan while nobody else does; what it becomes. Throws OUTPUT. */
export async function changePlan(folder: string, change: (plan: StudyPlan) => Promise<StudyPlan>): Promise<StudyPlan> {
  return attempt(folder, async () => {
    // Before there is a lock to take.
    await readPlan(folder);
    return withPlanLock(folder, async () => {
      const plan = await readPlan(folder);
      const changed = await change(plan);
      if (changed !== plan) await writeLocked(folder, changed);
      return changed;
    });
  });
}

function withPlanLock<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
  return withLock(join(folder, RUNS, "plan.lock"), undefined, act);
}

function writeLocked(folder: string, plan: StudyPlan): Promise<void> {
  return writeWhole(join(folder, PLAN), `${JSON.stringify(plan, undefined, 1)}\n`);
}

/** Whether a folder holds a study. */
export function isStudyFolder(folder: string): boolean {
  return existsSync(join(folder, PLAN));
}

/** Throws OUTPUT where there is none. */
export async function readPlan(folder: string): Promise<StudyPlan> {
  const path = join(folder, PLAN);
  const plan = (await readJsonIfThere(path)) as StudyPlan | undefined;
  if (plan === undefined)
    throw new LimbeckError("OUTPUT", `${folder} holds no study: it has no ${PLAN}; give the folder that --out named`);
  if (Array.isArray(plan.runs) && plan.runs.every(({ id }) => typeof id === "string")) return plan;
  throw new LimbeckError("OUTPUT", `${path} is damaged: it lists no runs; plan the study again`);
}

export function runFolder(folder: string, id: string): string {
  return join(folder, RUNS, id);
}

/** The settings that a run is begun with: those that describe it, and its teacher where the study trains that. */
export function runInput(folder: string, { settings, teacher }: StudyRun): Readonly<Record<string, unknown>> {
  return teacher === undefined ? settings : { ...settings, teacher: [runFolder(folder, teacher)] };
}

/** The network that a run trains, in its folder. */
export function trainedRun({ command }: Pick<StudyRun, "command">): string {
  return command === "train" ? "model" : "student";
}

/** Whether it is done: its summary is written last. */
export function isDone(folder: string, { id }: Pick<StudyRun, "id">): boolean {
  return existsSync(summaryPath(folder, id));
}

/** Ids of runs that are done, and of those that failed at least once, by one look at the folder: a network's file system answers single questions slowly. */
export async function listEnded(folder: string): Promise<EndedRuns> {
  return endedIn(await attempt(folder, () => readdir(join(folder, RUNS))));
}

/** Ids. */
interface EndedRuns {
  readonly done: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

function endedIn(names: readonly string[]): EndedRuns {
  const endingIn = (end: string): ReadonlySet<string> =>
    new Set(names.flatMap((name) => (name.endsWith(end) ? [name.slice(0, -end.length)] : [])));
  return { done: endingIn(SUMMARY), failed: endingIn(FAILURES) };
}

/** Writes what a table needs of a run, whole or not at all. Throws OUTPUT. */
export async function writeSummary(folder: string, id: string, summary: RunSummary): Promise<void> {
  await attempt(folder, () => writeWhole(summaryPath(folder, id), `${JSON.stringify(summary)}\n`));
}

/** Of every run that is done, in the plan's order. Throws OUTPUT for one that is damaged. */
export async function readSummaries(
  folder: string,
  { runs }: Pick<StudyPlan, "runs">,
): Promise<readonly { readonly run: StudyRun; readonly summary: RunSummary }[]> {
  const found = [];
  for (const run of runs) {
    const path = summaryPath(folder, run.id);
    const value = await readJsonIfThere(path);
    if (value !== undefined) found.push({ run, summary: parseSummary(value, path) });
  }
  return found;
}

/** What a trial came to; `undefined` while it is not done. Throws OUTPUT for a damaged summary. */
export async function readOutcome(folder: string, id: string): Promise<Outcome | undefined> {
  const path = summaryPath(folder, id);
  const value = await readJsonIfThere(path);
  if (value !== undefined) return parseSummary(value, path).accuracy;
  return isSetAside(await readFailures(folder, id)) ? "failed" : undefined;
}

function summaryPath(folder: string, id: string): string {
  return join(folder, RUNS, `${id}${SUMMARY}`);
}

/** Of each run, without looking who works on it: by one listing of the folder, however many there are. */
export async function readStates(folder: string, runs: readonly StudyRun[]): Promise<readonly RunState[]> {
  const names = await readdir(join(folder, RUNS)).catch(() => []);
  const begun = new Set(names);
  const { done, failed } = endedIn(names);
  return Promise.all(
    runs.map(async ({ id }) => {
      if (done.has(id)) return "done";
      if (failed.has(id) && isSetAside(await readFailures(folder, id))) return "set aside";
      return begun.has(id) ? "begun" : "new";
    }),
  );
}

/** Whether it failed twice for the same reason: a third time would end so, too. */
export function isSetAside(failures: readonly RunFailure[]): boolean {
  const reasons = failures.map(({ code, message }) => `${code} ${message}`);
  return reasons.some((reason, i) => reasons.indexOf(reason) < i);
}

export async function readFailures(folder: string, id: string): Promise<readonly RunFailure[]> {
  const text = await readFile(failuresPath(folder, id), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as RunFailure];
    } catch {
      return []; // the line was being written when its process ended
    }
  });
}

/** Adds a failure to those of a run. Throws OUTPUT. */
export async function noteFailure(folder: string, id: string, failure: RunFailure): Promise<void> {
  await attempt(folder, async () => {
    const before = await readFailures(folder, id);
    const text = [...before, failure].map((each) => `${JSON.stringify(each)}\n`).join("");
    await writeWhole(failuresPath(folder, id), text);
  });
}

/** The file that shows who works on a run; see `tryLock`. */
export function claimPath(folder: string, id: string): string {
  return join(folder, RUNS, `${id}.lock`);
}

/** The file of the errors in which a run ended. */
export function failuresPath(folder: string, id: string): string {
  return join(folder, RUNS, `${id}${FAILURES}`);
}

async function attempt<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LimbeckError) throw error;
    throw new LimbeckError("OUTPUT", `the study's folder ${folder} cannot be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
