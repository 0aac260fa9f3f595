/** @file Weights files on disk: their bytes, and those of teachers and of what a training starts from, the same as when the experiment began. */
import { readRegularFile } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { modelOf, readModelFile, type ModelFile, type Own } from "../../model-file/index.ts";
import { sha256Hex } from "../../sha256.ts";
import type { TeacherFile } from "../command-plans.ts";
import type { ExperimentFolder } from "../folder.ts";
import { isOnnx, teacherRun } from "../teacher-config.ts";
import { checkListed } from "./manifest.ts";
import { weightsPath } from "./run-folder.ts";
import { basename } from "node:path";
import type { Dataset } from "../../data/dataset.ts";
import type { Config } from "../config.ts";

/** What the wasm engine's memory holds at most; nothing is read of a file that could never be used. */
const MOST_BYTES = 2 ** 32;

/**
 * A weights file, or that of a run by its folder: the bytes, and the file's path. Throws as `weightsPath`; WEIGHTS if it cannot be read, CHECKSUM for
 * one in a run's folder that is not as it was written.
 */
export async function readWeightsFile(
  fileOrRun: string,
): Promise<{ readonly bytes: Uint8Array; readonly source: string }> {
  const path = await weightsPath(fileOrRun);
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(path, { most: MOST_BYTES });
  } catch (error) {
    const { message } = error as Error;
    throw new LimbeckError("WEIGHTS", `the weights file ${path} cannot be read: ${message}; give another path`, {
      cause: error,
    });
  }
  await checkListed(path, bytes);
  return { bytes, source: path };
}

/** A teacher's file as it was read. */
export interface ReadTeacherFile extends TeacherFile {
  /** Whether it is what its run has saved in the folder, its classes in the data set's order. */
  readonly isCopy?: boolean;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The teachers of an experiment that are weights, by their places among all: each from the folder where it is resumed and the run has left its copy, else from the file.
 * Throws CHECKSUM for another file than the experiment was begun with, WEIGHTS.
 */
export async function readTeachers(
  folder: ExperimentFolder,
  paths: readonly string[],
  own: Own,
): Promise<ReadonlyMap<number, ReadTeacherFile>> {
  const read = async (path: string, i: number): Promise<readonly [number, ReadTeacherFile]> => [
    i,
    await readTeacher(folder, teacherRun(i, paths.length), path, own),
  ];
  return new Map(await Promise.all([...paths.entries()].flatMap(([i, path]) => (isOnnx(path) ? [] : [read(path, i)]))));
}

async function readTeacher(folder: ExperimentFolder, run: string, path: string, own: Own): Promise<ReadTeacherFile> {
  const copy = `${run}/model.safetensors`;
  const copied = await folder.read(copy);
  if (copied) return { ...(await described(copied, copy, own)), isCopy: true };
  const { bytes, source } = await readBound(folder, `weights of ${run}`, path);
  return described(bytes, source, own);
}

/**
 * The weights that a run starts from; `undefined` where it is over, so that they are not needed. Throws CHECKSUM for another file than
 * the experiment was begun with, WEIGHTS.
 */
export async function readStart(
  folder: ExperimentFolder,
  run: string,
  path: string,
): Promise<(ModelFile & { readonly sha256: string }) | undefined> {
  if (await folder.read(`${run}/run.json`)) return undefined;
  const { bytes, source, sha256 } = await readBound(folder, `first weights of ${run}`, path);
  return { ...readModelFile(bytes, source), sha256 };
}

/** A file outside the folder that has to stay the same: its bytes, its path and their checksum. */
export async function readBound(
  folder: ExperimentFolder,
  name: string,
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly source: string; readonly sha256: string }> {
  const { bytes, source } = await readWeightsFile(path);
  const found = await sha256Hex(bytes);
  const expected = folder.bind(name, found);
  if (found === expected) return { bytes, source, sha256: found };
  throw new LimbeckError(
    "CHECKSUM",
    `${source} is not the file that this experiment was begun with: expected SHA-256 ${expected}, got ${found}; ` +
      "put the same file there, or start again in a new folder",
  );
}

async function described(bytes: Uint8Array, source: string, own: Own): Promise<ReadTeacherFile> {
  const file = readModelFile(bytes, source);
  const model = await modelOf(file, own);
  return { ...file, ...(model && { model }), sha256: await sha256Hex(bytes), bytes: bytes.length };
}

/** Names of those that no run of Limbeck's is known to have made: ONNX files, weights that say nothing of their training, logits. */
export function externalTeachers(
  config: object,
  paths: readonly string[],
  weights: ReadonlyMap<number, { readonly description?: unknown }>,
): readonly string[] {
  const { teacherLogits } = config as Partial<Config<"distill">>;
  const files = paths.filter((_, i) => weights.get(i)?.description === undefined);
  return [...files, ...(teacherLogits === undefined ? [] : [teacherLogits])].map((path) => basename(path));
}

/** What they must not have been trained on: pictures with labels that were drawn from all for the test, and for validation. */
export function heldOutNote(
  { name, isLabelled = true, isTestDrawn = false, measuredOn, validation, test }: Dataset,
  teachers: readonly string[],
): readonly string[] {
  if (teachers.length === 0 || !isLabelled || !isTestDrawn) return [];
  const counts = [...(validation ? [`${validation.count} validation`] : []), `${test.count} ${measuredOn ?? "test"}`];
  const were = teachers.length === 1 ? "was" : "were";
  return [
    `${counts.join(" and ")} pictures of ${name} are held out, drawn from all: figures on them mean something only if ` +
      `${teachers.join(", ")} ${were} not trained on them; the same command with --list-images FILE says which they are`,
  ];
}
