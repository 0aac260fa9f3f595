/** @file Working on a study in a terminal: alone, or with other processes of this machine. */
import { availableParallelism } from "node:os";
import { LimbeckError } from "../errors.ts";
import { duration, percent } from "../report/index.ts";
import type { RowTuning } from "../study/index.ts";
import {
  chooseWorkers,
  compareFolders,
  halvings,
  listEnded,
  measurePace,
  readPlan,
  showWorker,
  workOn,
  type PaceOptions,
  type StudyEvent,
  type StudyPlan,
  type StudyRun,
  type WorkEnd,
  type WorkOptions,
  type Workers,
} from "../study/node/index.ts";
import { PartialFailure } from "./failure.ts";
import { follow } from "./follow.ts";
import type { Form } from "./forms.ts";
import { print, printMessage } from "./output.ts";
import { shownWork, type Display } from "./progress.ts";
import { reporter, startHelpers, type Helpers } from "./study-helpers.ts";
import { writeStudyReport } from "./study-report-file.ts";
import { written } from "./study-table.ts";

interface HowToWork extends Pick<WorkOptions, "shared" | "shard" | "threads" | "wait"> {
  /** Processes; by default what is fastest. */
  readonly atOnce?: number | undefined;
}

/** Works on a study to its end, and prints its table. Throws PartialFailure where runs were set aside. */
export async function workOnStudy(folder: string, { atOnce, ...how }: HowToWork, form?: Form): Promise<void> {
  const plan = await readPlan(folder);
  const report = reporter();
  // A helper ends with its parent.
  const presence = report ? undefined : await showWorker(folder);
  const end = await shownWork(async (shown, signal) => {
    const note = report ?? shown.note;
    const { download, pictures, answers } = shown;
    const loading = { shared: how.shared, onDownload: download, onPictures: pictures, onAnswers: answers, signal };
    const worked = (more: Partial<WorkOptions> = {}): Promise<WorkEnd> =>
      follow(workOn(folder, plan, { ...how, ...loading, ...more }), (event) => show(event, shown, note));
    const helpers = await helped(folder, plan, { ...how, atOnce, loading, note, worked });
    try {
      return await worked(helpers && { threads: helpers.threads });
    } finally {
      helpers?.stop();
      await helpers?.ended;
    }
  }).finally(() => presence?.release());
  // A helper's parent compares them all.
  if (report) return;
  const found = await compareFolders([folder]);
  const page = await writeStudyReport(folder, found);
  await print(written(found.groups, form));
  printMessage(`Report: ${page}`);
  const failed = found.groups.flatMap(({ tuning }) => tuning?.rows ?? []).filter(({ hasFailed }) => hasFailed);
  refuseIncomplete(end, failed, folder);
}

interface HelpedOptions extends Omit<HowToWork, "shared"> {
  readonly loading: PaceOptions;
  readonly note: (text: string) => void;
  readonly worked: (more: Pick<WorkOptions, "only">) => Promise<WorkEnd>;
}

/**
 * Other processes that work on the study beside this one, where it is asked for or faster; and the threads of each. Its teachers are trained before, on all
 * cores: the rest waits for them.
 */
async function helped(
  folder: string,
  plan: StudyPlan,
  options: HelpedOptions,
): Promise<(Helpers & { readonly threads: number }) | undefined> {
  const { atOnce, threads, shard, note, worked, loading } = options;
  if (atOnce === 1 || (atOnce === undefined && threads !== undefined)) return undefined;
  await worked({ only: plan.runs.filter(({ role }) => role === "teacher") });
  const workers = atOnce === undefined ? await fastest(folder, plan, options) : { count: atOnce, threads };
  const count = Math.min(workers.count, (await readyRuns(folder, plan)).length);
  if (count < 2) return undefined;
  const each = workers.threads ?? Math.max(1, Math.floor(availableParallelism() / count));
  note(`${count} runs at a time, each on ${each} ${each === 1 ? "thread" : "threads"} (--at-once takes other numbers)`);
  const helpers = startHelpers(folder, { count: count - 1, threads: each, shard, onNote: note });
  loading.signal?.addEventListener("abort", helpers.stop);
  return { ...helpers, threads: each };
}

/** Seconds that are left to do when timing is worth a few of them. */
const WORTH_TIMING = 60;

/** What is fastest. The first run tells whether that is worth timing. */
async function fastest(folder: string, plan: StudyPlan, { worked, loading }: HelpedOptions): Promise<Workers> {
  const cores = availableParallelism();
  const begun = performance.now();
  await worked({ only: (await readyRuns(folder, plan)).slice(0, 1) });
  const seconds = (performance.now() - begun) / 1000;
  const left = await readyRuns(folder, plan);
  // With a teacher, if there is one.
  const last = left.at(-1);
  if (!last || cores === 1 || seconds * left.length < WORTH_TIMING) return { count: 1, threads: cores };
  const pace = await measurePace(folder, last, halvings(cores), loading).catch((error: unknown) => {
    if (!(error instanceof LimbeckError) || error.code === "ABORTED") throw error;
    return undefined; // the run itself will fail so, and be reported
  });
  const machine = { cores, runs: left.length, available: process.availableMemory() };
  return pace ? chooseWorkers(pace, machine) : { count: 1, threads: cores };
}

/** Runs that can be done now: with their teacher, where they have one. */
async function readyRuns(folder: string, { runs }: StudyPlan): Promise<readonly StudyRun[]> {
  const { done } = await listEnded(folder);
  return runs.filter(({ id, teacher }) => !done.has(id) && (teacher === undefined || done.has(teacher)));
}

function show(event: StudyEvent, shown: Display, note: (text: string) => void): void {
  if (event.kind === "claimed")
    note(`[${event.done + 1}/${event.runs}] ${event.run.title}${event.resumed ? ", resumed" : ""}`);
  if (event.kind === "progress") shown.progress(event.event);
  if (event.kind === "finished")
    note(`  ${event.run.title}: ${percent(event.summary.accuracy)}, ${duration(event.summary.seconds)}`);
  if (event.kind === "failed")
    note(
      `  ${event.run.title} failed: ${event.error.message}; ${event.setAside ? "set aside, since it failed so before" : "it is tried once more at the end"}`,
    );
  if (event.kind === "waiting")
    note(
      `Other workers have the last ${event.runs === 1 ? "run; waiting for it" : `${event.runs} runs; waiting for them`}`,
    );
}

/** Throws PartialFailure where runs of the table were set aside, or all trials of a row; a trial that failed is a bad one. */
function refuseIncomplete({ setAside: all, blocked }: WorkEnd, failed: readonly RowTuning[], folder: string): void {
  const setAside = all.filter(
    ({ role, row, group }) => role !== "trial" || failed.some((each) => each.row === row && each.group === group),
  );
  if (setAside.length === 0) return;
  const without = blocked.length > 0 ? `, and ${blocked.length} runs have no teacher for it` : "";
  throw new PartialFailure(
    "STUDY",
    `${setAside.length} of the runs failed twice for the same reason and were set aside${without}: ${setAside.map(({ title }) => title).join("; ")}. ` +
      `${folder}/runs/*.failures.jsonl say why; remove such a file to try its run again`,
  );
}
