/** @file Writes the report of finished runs. */
import { basename, dirname, join } from "node:path";
import { makeNested } from "../data/node/folders.ts";
import { LimbeckError, reasonOf } from "../errors.ts";
import { writeWhole } from "../experiment/node/index.ts";
import { studyReport } from "../study/index.ts";
import type { ComparedFolders } from "../study/node/index.ts";
import { shellWords } from "../shell-words.ts";
import { version } from "../version.ts";
import { readUPlot } from "./report-file.ts";

/** The report of a study's folder, in it; returns its path. Throws OUTPUT where it cannot be written. */
export async function writeStudyReport(folder: string, found: ComparedFolders): Promise<string> {
  const path = join(folder, "report.html");
  await write(path, found, basename(folder), ["limbeck", "study", "study.yaml", "--out", folder]);
  return path;
}

/** The report of any folders. Throws OUTPUT where it cannot be written. */
export function writeComparison(path: string, folders: readonly string[], found: ComparedFolders): Promise<void> {
  const name = folders.map((folder) => basename(folder)).join(", ");
  return write(path, found, name, ["limbeck", "compare", ...folders, "--report", path]);
}

async function write(path: string, found: ComparedFolders, name: string, command: readonly string[]): Promise<void> {
  const page = await studyReport({
    ...found,
    name,
    command: shellWords(command),
    limbeck: version,
    uPlot: readUPlot(),
  });
  try {
    await makeNested(dirname(path));
    await writeWhole(path, page);
  } catch (cause) {
    throw new LimbeckError("OUTPUT", `the report ${path} cannot be written: ${reasonOf(cause)}; give another path`, {
      cause,
    });
  }
}
