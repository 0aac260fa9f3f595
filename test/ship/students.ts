/** @file Students for the web in folders, loaded as Node loads them. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import type * as StudentScript from "../../src/ship/web/files/student.d.ts";

/** Writes the files into a new folder, which goes when the test ends. */
export async function written(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-student-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await Promise.all([...files].map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  return folder;
}

/** Its student.js. */
export function script(folder: string): Promise<typeof StudentScript> {
  return import(pathToFileURL(join(folder, "student.js")).href) as Promise<typeof StudentScript>;
}

export async function loaded(folder: string): Promise<StudentScript.Student> {
  const { load } = await script(folder);
  return load({ wasm: readFile(join(folder, "student.wasm")), weights: readFile(join(folder, "weights.bin")) });
}
