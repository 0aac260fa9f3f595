/** @file Run folders with one thing changed: each ends in the bits of an untouched one, or in a word that says what is wrong. */
import { cp, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stream } from "../../src/data/stream.ts";
import { LimbeckError } from "../../src/errors.ts";
import type { Attack } from "./attack.ts";
import { corrupt } from "./corrupt.ts";
import { distil, ending, evaluate, goOn, makeData, makeTeacher, type Ending } from "./folder-try.ts";

export const folders: Attack = async ({ count, seed, onProgress }) => {
  const root = await mkdtemp(join(tmpdir(), "limbeck-folders-"));
  try {
    const dataDir = join(root, "data");
    await makeData(dataDir, seed);
    const teacher = await makeTeacher(join(root, "teacher"), dataDir);
    const begin = { dataDir, teacher, seed: 1 };
    const made = { finished: join(root, "finished"), stopped: join(root, "stopped"), other: join(root, "other") };
    await distil({ ...begin, out: made.finished });
    await distil({ ...begin, out: made.stopped }, 3);
    await distil({ ...begin, out: made.other, seed: 2 }, 3);
    await goOn(made.finished, dataDir); // also makes its report
    const expected = await ending(made.finished, dataDir);
    const faults: string[] = [];
    for (let i = 0; i < count; i++) {
      const random = new Stream(seed, i, 0);
      const out = join(root, `try-${i}`);
      const of = random.below(2) === 0 ? "finished" : "stopped";
      await cp(made[of], out, { recursive: true });
      const isData = random.below(20) === 0;
      const what = isData
        ? await changeData(dataDir, random.below(16 * 3073))
        : corrupt(out, made.other, (most) => random.below(most));
      const fault = await tried(out, dataDir, expected);
      if (fault !== undefined) faults.push(`${seed}.${i}: ${of}, ${what}: ${fault}`);
      if (isData) {
        await rm(dataDir, { recursive: true });
        await makeData(dataDir, seed);
      }
      await rm(out, { recursive: true });
      onProgress?.(i + 1);
    }
    return { tried: count, faults };
  } finally {
    await rm(root, { recursive: true });
  }
};

/** Evaluates what is there, goes on, compares. What was wrong, if anything was. */
async function tried(out: string, dataDir: string, expected: Ending): Promise<string | undefined> {
  const before = await evaluate(out, dataDir).then(JSON.stringify, codeOf);
  const after = await goOn(out, dataDir).catch(codeOf);
  for (const told of [before, after]) if (typeof told === "string" && told.startsWith("UNEXPECTED")) return told;
  if (typeof after === "string") return undefined;
  if (after.bits !== expected.bits) return `other bits${after.notes.length > 0 ? ", with a word" : " without a word"}`;
  if (after.curves !== expected.curves && after.notes.length === 0) return "other curves without a word";
  return undefined;
}

/** NOTE: without an error's code it is a fault of Limbeck's. */
function codeOf(error: unknown): string {
  return error instanceof LimbeckError ? `${error.code}: ${error.message}` : `UNEXPECTED ${String(error)}`;
}

/** Another byte in the images that are used. */
async function changeData(dataDir: string, at: number): Promise<string> {
  const file = await open(join(dataDir, "data_batch_1.bin"), "r+");
  const { buffer } = await file.read(new Uint8Array(1), 0, 1, at);
  await file.write(Uint8Array.of(at % 3073 === 0 ? (buffer[0]! + 1) % 10 : buffer[0]! ^ 1), 0, 1, at);
  await file.close();
  return `byte ${at} of the data`;
}
