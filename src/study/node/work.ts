/** @file Working on a study: runs are claimed one after another, so that any number of processes on any number of machines finish it together. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "../../data/node/lock.ts";
import { LimbeckError } from "../../errors.ts";
import type { ExperimentEvent, RunRecord } from "../../experiment/index.ts";
import { type LoadDataOptions, openExperiment } from "../../experiment/node/index.ts";
import { Identifier } from "./identify.ts";
import { runsToCome } from "../tuning/tuned-row.ts";
import { runSummary, type RunSummary } from "../summary.ts";
import { growPlan, Outcomes } from "./grow-plan.ts";
import { namingRuns } from "./plan-study.ts";
import type { Shared } from "./shared.ts";
import {
  claimPath,
  isDone,
  isSetAside,
  listEnded,
  noteFailure,
  readFailures,
  runFolder,
  runInput,
  trainedRun,
  writeSummary,
  type StudyPlan,
  type StudyRun,
} from "./study-folder.ts";

export interface WorkOptions extends LoadDataOptions {
  readonly shared: Shared;
  /** Runs to leave to others: with `{ index: 2, of: 8 }`, all but every eighth, from the second on. Teachers are everyone's. */
  readonly shard?: { readonly index: number; readonly of: number } | undefined;
  /** Whether to wait for runs that others have, to do them if their worker fails; by default yes. */
  readonly wait?: boolean | undefined;
  /** Do these alone, as they are planned; by default all, and those that trials call for. */
  readonly only?: readonly StudyRun[] | undefined;
  /** Threads of the engine. */
  readonly threads?: number | undefined;
}

/** What happens while a study is worked on. */
export type StudyEvent =
  | {
      readonly kind: "claimed";
      readonly run: StudyRun;
      readonly done: number;
      readonly runs: number;
      readonly resumed: boolean;
    }
  | { readonly kind: "progress"; readonly event: ExperimentEvent }
  | { readonly kind: "finished"; readonly run: StudyRun; readonly summary: RunSummary }
  | { readonly kind: "failed"; readonly run: StudyRun; readonly error: LimbeckError; readonly setAside: boolean }
  /** Others have all that is left. */
  | { readonly kind: "waiting"; readonly runs: number };

/** What is left when no more can be done. */
export interface WorkEnd {
  readonly done: readonly StudyRun[];
  readonly setAside: readonly StudyRun[];
  /** Runs whose teacher was set aside; what others have is in none of the three. */
  readonly blocked: readonly StudyRun[];
}

/** Seconds between looks at what others work on. */
const PAUSE = 1;

/**
 * Does what nobody has done, resuming what was begun, until nothing is left, also of what others have claimed. A run that fails is noted and tried once more
 * at the end; if it fails for the same reason, it is set aside.
 *
 * Throws ABORTED once the signal is raised, what is under way saved; OUTPUT where the folder cannot be used.
 */
export async function* workOn(
  folder: string,
  plan: StudyPlan,
  options: WorkOptions,
): AsyncGenerator<StudyEvent, WorkEnd> {
  const { shard, only, signal, wait = true } = options;
  const identifier = new Identifier(options.shared, options);
  const outcomes = new Outcomes(folder);
  const name = namingRuns(identifier, plan.runs);
  let current = plan;
  const check = async (run: StudyRun): Promise<void> => {
    const teacher = current.runs.find(({ id }) => id === run.teacher);
    if ((await identifier.identify(run, teacher?.identity)) === run.identity) return;
    throw new LimbeckError(
      "CHECKSUM",
      "the images, the teacher's file or a module are not what they were when the study was planned; put them back, or plan it again: limbeck study FILE",
    );
  };
  const done = new Set<StudyRun>();
  const setAside = new Set<StudyRun>();
  /** What others have. */
  const claimed = new Set<StudyRun>();
  let isWaiting = false;
  let mine: readonly StudyRun[] = [];
  for (;;) {
    if (!only) current = await growPlan(folder, current, outcomes, name);
    const isShared = isMine(current, shard);
    const share = current.runs.filter(isShared);
    mine = only ? share.filter((run) => only.includes(run)) : share;
    const outcomeOf = await outcomes.of(current);
    const { tuning } = current;
    const toCome = tuning ? tuning.rows.reduce((sum, row) => sum + runsToCome(row, tuning, outcomeOf), 0) : 0;
    let hasWorked = false;
    claimed.clear();
    let early = 0;
    let ended = await listEnded(folder);
    for (const run of mine) {
      stopIfAborted(signal);
      if (done.has(run) || setAside.has(run)) continue;
      if (ended.done.has(run.id)) {
        done.add(run);
        continue;
      }
      if (ended.failed.has(run.id) && isSetAside(await readFailures(folder, run.id))) {
        setAside.add(run);
        continue;
      }
      const teacher = run.teacher === undefined ? undefined : mine.find(({ id }) => id === run.teacher);
      if (teacher && !ended.done.has(teacher.id)) {
        if (!setAside.has(teacher)) early++;
        continue;
      }
      const claim = await tryLock(claimPath(folder, run.id), signal);
      if (!claim) {
        claimed.add(run);
        continue;
      }
      try {
        // Meanwhile, by another.
        if (isDone(folder, run)) {
          done.add(run);
          ended = await listEnded(folder);
          continue;
        }
        hasWorked = true;
        isWaiting = false;
        const held = signal ? AbortSignal.any([signal, claim.lost]) : claim.lost;
        const position = { done: share.filter(({ id }) => ended.done.has(id)).length, runs: share.length + toCome };
        yield* perform(folder, run, { ...options, check, signal: held }, position);
        ended = await listEnded(folder);
      } finally {
        await claim.release();
      }
    }
    if (hasWorked) continue;
    // Who waits for no others waits for the trials that more of its own runs depend on.
    const isLast = claimed.size === 0 || (!wait && !current.tuning?.rows.some(({ final }) => final.length === 0));
    if (early === 0 && isLast) break;
    if (!isWaiting) yield { kind: "waiting", runs: claimed.size + early };
    isWaiting = true;
    await sleep(PAUSE * 1000, undefined, signal && { signal }).catch(() => stopIfAborted(signal));
  }
  const blocked = mine.filter((run) => !done.has(run) && !setAside.has(run) && !claimed.has(run));
  return { done: [...done], setAside: [...setAside], blocked };
}

/** Whether a run is the worker's own. A tuned row is done by one shard, so that it can go on to the end without what the others have. */
function isMine({ tuning }: StudyPlan, shard: WorkOptions["shard"]): (run: StudyRun, i: number) => boolean {
  const rows = new Map(
    tuning?.rows.flatMap(({ entered, final }, row) =>
      [...entered.flat().map(({ id }) => id), ...final].map((id) => [id, row] as const),
    ),
  );
  return ({ role, id }, i) => role === "teacher" || !shard || (rows.get(id) ?? i) % shard.of === shard.index - 1;
}

interface Performance extends WorkOptions {
  /** Throws CHECKSUM for a run that is no longer what was planned. */
  readonly check: (run: StudyRun) => Promise<void>;
}

/** Does a run, or notes why it failed. Throws what is no fault of the run: ABORTED, OUTPUT. */
async function* perform(
  folder: string,
  run: StudyRun,
  { shared, threads, check, ...options }: Performance,
  position: { readonly done: number; readonly runs: number },
): AsyncGenerator<StudyEvent, void> {
  const out = runFolder(folder, run.id);
  const resume = existsSync(join(out, "config.json"));
  yield { kind: "claimed", run, ...position, resumed: resume };
  const more = threads === undefined ? {} : { threads };
  try {
    await check(run);
    const input = resume ? more : { ...runInput(folder, run), ...more };
    const experiment = await openExperiment(run.command, input as never, {
      ...options,
      out,
      resume,
      load: shared.load,
      shared: shared.work,
    });
    try {
      const work = experiment.run();
      const records = new Map<string, RunRecord>();
      let next = await work.next();
      for (; !next.done; next = await work.next()) {
        if (next.value.kind === "run-end") records.set(next.value.run, next.value.record);
        yield { kind: "progress", event: next.value };
      }
      const { labels } = experiment.dataset.test;
      const record = records.get(trainedRun(run))!;
      const summary = runSummary(record, next.value.environment, labels, records.get("teacher"));
      await writeSummary(folder, run.id, summary);
      yield { kind: "finished", run, summary };
    } finally {
      await experiment.close();
    }
  } catch (error) {
    if (!(error instanceof LimbeckError) || error.code === "OUTPUT") throw error;
    const { code, message } = error;
    if (code === "ABORTED") throw new LimbeckError(code, `${message}; the same command continues`, { cause: error });
    await noteFailure(folder, run.id, { code, message, date: new Date().toISOString() });
    const failures = await readFailures(folder, run.id);
    yield { kind: "failed", run, error, setAside: isSetAside(failures) };
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new LimbeckError("ABORTED", "stopped; what is done is kept; the same command continues");
}
