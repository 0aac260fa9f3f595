/** @file Finished runs from folders: of studies, of `limbeck distill` and of `limbeck train`. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { LimbeckError } from "../../errors.ts";
import { parseRecord, type RunRecord } from "../../experiment/record.ts";
import { isCompared, recordedRun } from "../compare-records.ts";
import { compareStudy, type GroupComparison } from "../compare-study.ts";
import { compareRuns, type ComparedRun } from "../compare/index.ts";
import { readJsonIfThere } from "../../experiment/node/read-json.ts";
import { readTuning } from "./grow-plan.ts";
import { isStudyFolder, readPlan, readSummaries } from "./study-folder.ts";

/**
 * What the folders hold, compared: a comparison for each group of each study, and one for all other runs together. Throws OUTPUT for a folder that holds
 * neither, or a damaged record; ARGUMENT as `compareRuns`.
 */
export async function compareFolders(folders: readonly string[]): Promise<readonly GroupComparison[]> {
  const groups: GroupComparison[] = [];
  const others: ComparedRun[] = [];
  for (const folder of folders) {
    if (!isStudyFolder(folder)) {
      others.push(...(await readRuns(folder, others)));
      continue;
    }
    const plan = await readPlan(folder);
    const found = compareStudy(await readSummaries(folder, plan), await readTuning(folder, plan));
    const name = folders.length > 1 ? basename(folder) : "";
    groups.push(...found.map((each) => ({ ...each, group: [name, each.group].filter(Boolean).join(", ") })));
  }
  return others.length > 0 ? [...groups, { group: "", comparison: compareRuns(others) }] : groups;
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
