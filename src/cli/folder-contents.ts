/** @file What a folder holds, in words and as JSON: the first of what Limbeck writes that fits. */
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { filesIn } from "../data/node/files-in.ts";
import { cacheFolder } from "../data/node/folders.ts";
import { LimbeckError } from "../errors.ts";
import { experimentState, type ExperimentState, readJsonIfThere } from "../experiment/node/index.ts";
import { oneLine, printable } from "../printable.ts";
import { alignedLines, bytes, count } from "../report/index.ts";
import type { ExportRecord } from "../ship/index.ts";
import { isStudyFolder, studyState } from "../study/node/index.ts";
import { style } from "./output.ts";
import { experimentAsJson, experimentAsText } from "./shown-experiment.ts";
import { studyAsJson, studyAsText } from "./shown-study.ts";

/** What a folder holds. */
export interface FolderContents {
  asText(): string;
  asJson(): object;
}

/** Throws OUTPUT for a folder that is not there, holds nothing of Limbeck's, or is damaged. */
export async function folderContents(folder: string): Promise<FolderContents> {
  const about = await stat(folder).catch(() => undefined);
  if (!about?.isDirectory())
    throw new LimbeckError("OUTPUT", `${folder} is no folder; give one that --out named, such as runs/NAME`);
  if (isStudyFolder(folder)) {
    const state = await studyState(folder);
    return { asText: () => studyAsText(folder, state), asJson: () => studyAsJson(folder, state) };
  }
  const state = (await experimentState(folder)) ?? (await oneRun(folder));
  if (state) return { asText: () => experimentAsText(folder, state), asJson: () => experimentAsJson(folder, state) };
  const student = (await readJsonIfThere(join(folder, "student.json"))) as ExportRecord | undefined;
  if (student?.files) return shownExport(folder, student);
  if (resolve(folder) === cacheFolder()) return shownCache(folder);
  throw new LimbeckError(
    "OUTPUT",
    `${folder} holds no run, study or exported student of Limbeck, and is not its cache; give a folder that --out named`,
  );
}

/** Of the folder of one run, its experiment with that run alone. */
async function oneRun(folder: string): Promise<ExperimentState | undefined> {
  const [name, around] = [basename(resolve(folder)), dirname(resolve(folder))];
  const state = await experimentState(around).catch(() => undefined);
  const runs = state?.runs.filter((run) => run.name === name) ?? [];
  if (!state || runs.length === 0) return undefined;
  const files = state.files.flatMap((file) =>
    file.path.startsWith(`${name}/`) ? [{ ...file, path: file.path.slice(name.length + 1) }] : [],
  );
  return { ...state, runs, files };
}

function shownExport(folder: string, record: ExportRecord): FolderContents {
  const { name, format, precision, limbeck, inputShape, classes, files, origin, latency } = record;
  return {
    asText: () =>
      [
        `${style("bold", oneLine(folder), process.stdout)}: ${oneLine(name)}, exported as ${format}, ${precision}, by Limbeck ${limbeck}`,
        `Images of ${inputShape.join("x")}, ${count(classes.length)} classes; timed with ${printable(latency.runner)}`,
        "",
        alignedLines([...origin.training].map(([what, value]) => [printable(what), printable(value)])),
        "",
        alignedLines(Object.entries(files).map(([path, file]) => [`  ${oneLine(path)}`, bytes(file.bytes)])),
      ].join("\n"),
    asJson: () => ({ kind: "export", folder, name, format, precision, limbeck, inputShape, classes, files, origin }),
  };
}

/** Parts of the cache: what each folder of it is. */
const parts: Readonly<Record<string, string>> = {
  images: "pictures, decoded",
  teachers: "outputs of teachers",
};

/** Parts of the cache that are listed; the largest. */
const LISTED = 15;

async function shownCache(folder: string): Promise<FolderContents> {
  const files = await filesIn(folder);
  const sizes = new Map<string, number>();
  for (const { path, bytes } of files) {
    const [first = "", second] = path.split("/");
    const part =
      second !== undefined && Object.hasOwn(parts, first) && first === "images" ? `${first}/${second}` : first;
    sizes.set(part, (sizes.get(part) ?? 0) + bytes);
  }
  const entries = [...sizes].toSorted(([, a], [, b]) => b - a);
  const whatOf = (part: string): string => parts[part.split("/")[0] ?? ""] ?? "a downloaded data set";
  return {
    asText: () =>
      [
        `${style("bold", oneLine(folder), process.stdout)}: Limbeck's cache, ${bytes(entries.reduce((sum, [, size]) => sum + size, 0))}; everything in it can be made again`,
        ...(entries.length === 0
          ? []
          : [
              "",
              alignedLines(
                entries.slice(0, LISTED).map(([part, size]) => [`  ${oneLine(part)}  ${whatOf(part)}`, bytes(size)]),
              ),
              ...(entries.length > LISTED ? [`  and ${count(entries.length - LISTED)} more`] : []),
            ]),
      ].join("\n"),
    asJson: () => ({
      kind: "cache",
      folder,
      parts: entries.map(([part, size]) => ({ path: part, what: whatOf(part), bytes: size })),
    }),
  };
}
