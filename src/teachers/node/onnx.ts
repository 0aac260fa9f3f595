/** @file ONNX files as teachers of an experiment: the same as when it began, imported or run by ONNX Runtime. */
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import type { TeacherOrigin } from "../teacher.ts";
import { ofPictures, type OpenContext, type OpenedTeacherFile, type TeacherKind } from "./kind.ts";
import { openTeacher, type OpenedTeacher } from "./open.ts";
import { isRepository, onnxFile } from "./repository.ts";

/** Opening throws as `openOnnx`. */
export const onnxKind: TeacherKind = {
  name: "onnx",
  matches: (path) => /\.onnx$/i.test(path) || isRepository(path),
  file: async (path) => onnxFile(path),
  open: (path, context) => openOnnx(path, { file: path }, context),
};

/** Where it comes from, as records have it. */
type Source = Pick<TeacherOrigin, "file" | "revision"> & { readonly name?: string };

/** A file, or a repository's folder, that comes from `source`. Throws as `openSameTeacher`. */
export async function openOnnx(
  path: string,
  { name, ...source }: Source,
  context: Omit<OpenContext, "read" | "index">,
): Promise<OpenedTeacherFile> {
  const teacher = await openSameTeacher(path, name, context);
  const { sha256, runner, notImported, leftOut, preprocessing } = teacher;
  const origin: TeacherOrigin = {
    ...source,
    sha256,
    kind: "onnx",
    runner,
    notImported,
    leftOut: leftOut.length > 0 ? leftOut : undefined,
    preprocessing,
  };
  return ofPictures(teacher, origin, runnerNote(source.file, teacher));
}

/** Throws as `openTeacher`, and CHECKSUM for a file, or preprocessing, that is not the one that the experiment was begun with. */
async function openSameTeacher(
  path: string,
  name: string | undefined,
  { run, bind, engine, options = {}, classNames, threads }: Omit<OpenContext, "read" | "index">,
): Promise<OpenedTeacher> {
  const { output, layout, taps, runner, ...preprocessing } = options;
  const how = { name, output, layout, taps, runner, classNames, threads };
  const teacher = await openTeacher(path, { engine: await engine(), preprocessing, ...how });
  const found = await sha256Hex(
    JSON.stringify([teacher.identity, teacher.preprocessing, teacher.classNames ?? null, teacher.runner]),
  );
  if (bind(`what ${run} is`, found) === found) return teacher;
  await teacher.close();
  throw new LimbeckError(
    "CHECKSUM",
    `${path}, how pictures are made ready for it, the names of its classes or what runs it are not what they were when this experiment was begun; ` +
      "put the same files there, or start again in a new folder",
  );
}

/** What runs an ONNX file that is not imported, and why. */
function runnerNote(file: string, { runner, notImported }: Pick<TeacherOrigin, "runner" | "notImported">): string[] {
  if (runner !== "onnxruntime") return [];
  return [
    notImported === undefined
      ? `${file} is run by ONNX Runtime, as its options say`
      : `${file} is run by ONNX Runtime, because it cannot be imported: ${notImported}`,
  ];
}
