/** @file The teachers of an experiment that are ONNX files: opened before its data are known, the same as when it began. */
import type { Engine } from "../../engine/contract.ts";
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import { openTeacher, type OpenedTeacher } from "../../teachers/node/index.ts";
import type { TeacherOrigin } from "../../teachers/index.ts";
import type { Config } from "../config.ts";
import type { ExperimentFolder } from "../folder.ts";
import { isOnnx, teacherRun } from "../teacher-config.ts";

/**
 * By their places among the teachers. Throws as `openTeacher`, and CHECKSUM for a file, or preprocessing, that is not the one that the experiment was begun with.
 */
export async function openOnnx(
  folder: ExperimentFolder,
  config: Config<"distill">,
  engine: () => Promise<Engine>,
): Promise<ReadonlyMap<number, OpenedTeacher>> {
  const opened = new Map<number, OpenedTeacher>();
  const { teacher: paths } = config;
  try {
    for (const [i, path] of paths.entries()) {
      if (!isOnnx(path)) continue;
      const run = teacherRun(i, paths.length);
      opened.set(i, await openOnnxTeacher(folder, { run, path, config, engine: await engine() }));
    }
    return opened;
  } catch (error) {
    for (const teacher of opened.values()) await teacher.close();
    throw error;
  }
}

/** One of them. */
export interface OnnxTeacherFile {
  /** Of its run. */
  readonly run: string;
  readonly path: string;
  readonly config: Config<"distill">;
  readonly engine: Engine;
}

/** Throws as `openOnnx`. */
export async function openOnnxTeacher(
  folder: Pick<ExperimentFolder, "bind">,
  { run, path, config, engine }: OnnxTeacherFile,
): Promise<OpenedTeacher> {
  const { teacherOptions = {}, teacherLabels, threads } = config;
  const { output, layout, taps, runner, ...preprocessing } = teacherOptions;
  const teacher = await openTeacher(path, {
    engine,
    preprocessing,
    ...(Array.isArray(teacherLabels) && { classNames: teacherLabels }),
    ...(output !== undefined && { output }),
    ...(layout && { layout }),
    ...(taps && { taps }),
    ...(runner && { runner }),
    ...(threads !== undefined && { threads }),
  });
  try {
    await checkSame(folder, run, path, teacher);
    return teacher;
  } catch (error) {
    await teacher.close();
    throw error;
  }
}

async function checkSame(
  folder: Pick<ExperimentFolder, "bind">,
  run: string,
  path: string,
  { identity, preprocessing, classNames, runner }: OpenedTeacher,
): Promise<void> {
  const found = await sha256Hex(JSON.stringify([identity, preprocessing, classNames ?? null, runner]));
  if (folder.bind(`what ${run} is`, found) === found) return;
  throw new LimbeckError(
    "CHECKSUM",
    `${path}, how pictures are made ready for it, the names of its classes or what runs it are not what they were when this experiment was begun; ` +
      "put the same files there, or start again in a new folder",
  );
}

/** Who runs an ONNX file that is not imported, and why. */
export function runnerNote(
  file: string,
  { runner, notImported }: Pick<TeacherOrigin, "runner" | "notImported">,
): string[] {
  if (runner !== "onnxruntime") return [];
  return [
    notImported === undefined
      ? `${file} is run by ONNX Runtime, as its options say`
      : `${file} is run by ONNX Runtime, because it cannot be imported: ${notImported}`,
  ];
}
