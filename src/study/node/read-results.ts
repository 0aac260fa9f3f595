/** @file Finished runs from folders: of studies, of `limbeck distill` and of `limbeck train`. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import * as z from "zod/mini";
import { LimbeckError } from "../../errors.ts";
import { parseRecord, type RunRecord } from "../../experiment/index.ts";
import { isCompared, recordedRun } from "../compare-records.ts";
import { compareStudy, type GroupComparison } from "../compare-study.ts";
import { compareRuns, type ComparedRun } from "../compare/index.ts";
import { readJsonIfThere } from "../../experiment/node/index.ts";
import { readTuning } from "./grow-plan.ts";
import { parseWith } from "../../parse-with.ts";
import { protocolOf } from "../report/protocol.ts";
import type { ReportedRun, StudyReportInput } from "../report/input.ts";
import { isSetAside, isStudyFolder, readFailures, readPlan, readSummaries, type StudyPlan } from "./study-folder.ts";

/** What folders hold: comparisons, and what a report says of the runs besides. */
export type ComparedFolders = Pick<
  StudyReportInput,
  "groups" | "runs" | "troubles" | "unfinished" | "protocol" | "description"
>;

/**
 * What the folders hold, compared: a comparison for each group of each study, and one for all other runs together. Throws OUTPUT for a folder that holds
 * neither, or a damaged record; ARGUMENT as `compareRuns`.
 */
export async function compareFolders(folders: readonly string[]): Promise<ComparedFolders> {
  const groups: GroupComparison[] = [];
  const others: ComparedRun[] = [];
  const runs: ReportedRun[] = [];
  const found: StudyFolder[] = [];
  for (const folder of folders) {
    if (!isStudyFolder(folder)) {
      const own = await readRuns(folder, others);
      others.push(...own);
      const made = await readEnvironment(folder);
      runs.push(...own.map(({ title, seed }) => ({ title, seed, ...made })));
      continue;
    }
    const study = await readStudyFolder(folder);
    found.push(study);
    const name = folders.length > 1 ? basename(folder) : "";
    const inStudy = (label: string): string => [name, label].filter(Boolean).join(", ");
    groups.push(
      ...compareStudy(study.finished, await readTuning(folder, study.plan)).map((each) => ({
        ...each,
        group: inStudy(each.group),
        task: inStudy(each.task),
      })),
    );
    runs.push(...study.finished.map(({ run, summary }) => ({ ...summary, title: run.title, identity: run.identity })));
  }
  const [study] = found;
  return {
    groups: others.length > 0 ? [...groups, { group: "", task: "", comparison: compareRuns(others) }] : groups,
    runs,
    troubles: found.flatMap(({ troubles }) => troubles),
    unfinished: found.reduce((sum, { unfinished }) => sum + unfinished, 0),
    protocol: found.length > 0 ? protocolOf(found.flatMap(({ finished }) => finished)) : [],
    description: study && folders.length === 1 ? stringify(study.plan.description) : undefined,
  };
}

interface StudyFolder extends Pick<ComparedFolders, "troubles" | "unfinished"> {
  readonly plan: StudyPlan;
  readonly finished: Awaited<ReturnType<typeof readSummaries>>;
}

async function readStudyFolder(folder: string): Promise<StudyFolder> {
  const plan = await readPlan(folder);
  const finished = await readSummaries(folder, plan);
  const done = new Set(finished.map(({ run }) => run));
  const left = plan.runs.filter((run) => !done.has(run));
  const troubles = await Promise.all(
    left.map(async ({ id, title }) => {
      const failures = await readFailures(folder, id);
      return failures
        .slice(-1)
        .map(({ code, message }) => ({ title, code, message, isSetAside: isSetAside(failures) }));
    }),
  );
  const setAside = troubles.flat().filter((trouble) => trouble.isSetAside).length;
  return { plan, finished, troubles: troubles.flat(), unfinished: left.length - setAside };
}

const environment = z.object({
  environment: z.object({ limbeck: z.string(), engine: z.string(), machine: z.string() }),
});

/** What made the runs of an experiment's folder. */
async function readEnvironment(folder: string): Promise<Pick<ReportedRun, "limbeck" | "engine" | "machine">> {
  const path = join(folder, "results.json");
  return parseWith(environment, await readJsonIfThere(path), "OUTPUT", path).environment;
}

/** Of an experiment's folder; what another folder has by the same name and seed gets this folder's name. */
async function readRuns(folder: string, before: readonly ComparedRun[]): Promise<readonly ComparedRun[]> {
  const entries = existsSync(join(folder, "config.json")) ? await readdir(folder, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const records = await Promise.all(names.map((name) => readRecord(join(folder, name, "run.json"))));
  const runs = records
    .filter((record) => record !== undefined)
    .filter(isCompared)
    .map((record) => recordedRun(record));
  if (runs.length === 0)
    throw new LimbeckError("OUTPUT", `${folder} holds no study and no finished run; give folders that --out named`);
  const isTaken = ({ row, seed }: ComparedRun): boolean =>
    before.some((other) => other.row === row && other.seed === seed);
  const isKnownTeacher = ({ isTeacher, row, accuracy }: ComparedRun): boolean =>
    isTeacher && before.some((other) => other.row === row && other.accuracy === accuracy);
  // The same teacher of several students, and the same student alone, are enough once.
  return runs
    .filter((run) => !isKnownTeacher(run) && !(isTaken(run) && run.isBaseline))
    .map((run) =>
      isTaken(run)
        ? { ...run, row: `${run.row}, ${basename(folder)}`, title: `${run.title}, ${basename(folder)}` }
        : run,
    );
}

async function readRecord(path: string): Promise<RunRecord | undefined> {
  const value = await readJsonIfThere(path);
  return value === undefined ? undefined : parseRecord(value, path);
}
