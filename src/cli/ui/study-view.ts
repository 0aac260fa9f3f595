/** @file What is known of a study's folder: which runs are done, who works, how long it may take, and the table so far. */
import { reasonOf } from "../../errors.ts";
import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { LockHolder } from "../../data/node/lock.ts";
import { compareStudy, type FinishedRun, type GroupComparison, type StudyTuning } from "../../study/index.ts";
import {
  failuresPath,
  listWorkers,
  readFailures,
  readPlan,
  readStates,
  readTuning,
  readSummaries,
  secondsLeft,
  type RunFailure,
  type StudyPlan,
  type StudyRun,
} from "../../study/node/index.ts";
import type { KeptFiles } from "./kept.ts";
import { nameOf, type RunReader, type RunView } from "./run-view.ts";

/** `waiting`: nobody has begun it. */
export type StudyRunState = "done" | "running" | "silent" | "stopped" | "set aside" | "damaged" | "waiting";

export interface StudyRunView {
  readonly run: StudyRun;
  readonly state: StudyRunState;
  /** Of one that was begun and is not done. */
  readonly view?: RunView | undefined;
  readonly failure?: RunFailure | undefined;
}

export interface StudyView {
  /** Its path below the folder that is shown, with slashes. */
  readonly id: string;
  readonly folder: string;
  readonly name: string;
  readonly runs: readonly StudyRunView[];
  /** Processes that work on it, also between two runs. */
  readonly workers: readonly LockHolder[];
  /** Of all runs that are left, with as many workers as there are now. */
  readonly secondsLeft?: number | undefined;
  readonly problem?: string | undefined;
}

/** What the finished runs show. */
export interface StudyTable {
  readonly groups: readonly GroupComparison[];
  readonly problem?: string | undefined;
}

interface Finished {
  readonly count: number;
  readonly runs: readonly (FinishedRun & { readonly run: StudyRun })[];
  readonly table: StudyTable;
  readonly until: number;
}

const empty: Finished = { count: 0, runs: [], table: { groups: [] }, until: 0 };

/** Looks at studies; keeps what has not changed. */
export class StudyReader {
  readonly #files: KeptFiles;
  readonly #reader: RunReader;
  readonly #finished = new Map<string, Finished>();

  constructor(files: KeptFiles, reader: RunReader) {
    this.#files = files;
    this.#reader = reader;
  }

  /** The study in a folder. What cannot be read is said, and throws nothing. */
  async look(id: string, folder: string): Promise<StudyView> {
    const name = nameOf({ id, folder });
    const blank = { id, folder, name, runs: [], workers: [] };
    try {
      const plan = await this.#files.read(join(folder, "study.json"), () => readPlan(folder));
      if (!plan) return { ...blank, problem: "study.json is gone" };
      const runs = await this.#runs(id, folder, plan.runs);
      const done = runs.filter(({ state }) => state === "done").map(({ run }) => run);
      const { runs: finished } = await this.#finishedRuns(folder, plan, done);
      const left = secondsLeft(runs, finished);
      const workers = runs.filter(({ state }) => state === "running").length;
      return {
        ...blank,
        name: plan.description.name ?? name,
        runs,
        workers: await listWorkers(folder),
        secondsLeft: left && workers > 0 ? left / workers : undefined,
      };
    } catch (error) {
      return { ...blank, problem: reasonOf(error) };
    }
  }

  /** The table so far, of a study that was looked at. */
  table(folder: string): StudyTable {
    return this.#finished.get(folder)?.table ?? empty.table;
  }

  async #runs(id: string, folder: string, planned: readonly StudyRun[]): Promise<readonly StudyRunView[]> {
    const entries = await readdir(join(folder, "runs"), { withFileTypes: true }).catch(() => []);
    const isLinked = (await lstat(join(folder, "runs")).catch(() => undefined))?.isSymbolicLink();
    const link = isLinked ? "runs" : entries.find((entry) => entry.isSymbolicLink())?.name;
    if (link !== undefined) throw new Error(`${link} is a link, and links are not followed; remove it`);
    const files = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
    const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
    const states = await readStates(folder, planned);
    return Promise.all(
      planned.map(async (run, i): Promise<StudyRunView> => {
        const state = states[i] ?? "new";
        if (state === "done") return { run, state };
        const hasFailed = files.has(basename(failuresPath(folder, run.id)));
        const failure = hasFailed ? (await readFailures(folder, run.id)).at(-1) : undefined;
        if (state === "set aside") return { run, state, failure };
        const view = folders.has(run.id)
          ? await this.#reader.look(`${id}/runs/${run.id}`, join(folder, "runs", run.id))
          : undefined;
        // Trained, and not noted in the study: its worker is about to, or was killed before.
        const now = view === undefined ? "waiting" : view.state === "finished" ? "stopped" : view.state;
        return { run, state: now, view, failure };
      }),
    );
  }

  /** Compared anew when more are done, and no more often than a tenth of the time goes into it. */
  async #finishedRuns(folder: string, plan: StudyPlan, done: readonly StudyRun[]): Promise<Finished> {
    const before = this.#finished.get(folder) ?? empty;
    const now = performance.now();
    if (before.count === done.length || now < before.until) return before;
    const [runs, tuning] = await Promise.all([readSummaries(folder, { runs: done }), readTuning(folder, plan)]);
    const found: Finished = { count: done.length, runs, table: compared(runs, tuning), until: 0 };
    const kept = { ...found, until: now + 10 * (performance.now() - now) };
    this.#finished.set(folder, kept);
    return kept;
  }
}

function compared(runs: readonly FinishedRun[], tuning: StudyTuning | undefined): StudyTable {
  try {
    return { groups: compareStudy(runs, tuning) };
  } catch (error) {
    return { groups: [], problem: reasonOf(error) };
  }
}
