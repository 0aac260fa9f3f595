/** @file A teacher's outputs on disk: computed once for the same file, preprocessing and images, and shared by all runs. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, makeFolder, placeFile } from "../../data/node/folders.ts";
import { readIfThere } from "../../data/node/read-file.ts";
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import { sameShape, sizeOf, type Shape } from "../../tensor/index.ts";
import { stopIfAborted, type Progress } from "../../train/index.ts";
import { readSafetensors, writeSafetensors, type StoredTensor } from "../../weights/index.ts";
import { readOutputs, withHeld } from "../outputs.ts";
import type { Teacher, TeacherOutputs } from "../teacher.ts";

export interface KeepOptions {
  readonly teacher: Pick<Teacher, "identity" | "preprocessing">;
  readonly outputs: TeacherOutputs;
  /** Outputs that are needed, by name. */
  readonly wanted: readonly string[];
  /** What identifies the images: the data set's fingerprint, and the split and view of its images, such as `train`. */
  readonly images: { readonly fingerprint: string; readonly view: string };
  /** The system's cache folder by default. */
  readonly cache?: string | undefined;
  /** The most bytes that one output may take, on disk and in memory; larger ones are computed whenever they are read. 1 GiB by default. */
  readonly most?: number;
  /** 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal | undefined;
}

const GIBIBYTE = 2 ** 30;

/**
 * The same outputs, those that are wanted and not too large held in memory: from the cache where they are there and whole, else computed in one pass over all images
 * and put there. A damaged file counts as none. Throws OUTPUT where the cache cannot be written.
 */
export async function* keepOutputs(options: KeepOptions): AsyncGenerator<Progress, TeacherOutputs> {
  const { outputs, wanted, cache, most = GIBIBYTE, batchSize = 32, signal } = options;
  const { count, shapes } = outputs;
  checkSizes({ count, batchSize });
  const folder = join(cacheFolder(cache), "teachers");
  const held = new Map<string, StoredTensor>();
  const missing: string[] = [];
  for (const path of wanted) {
    const shape = shapes.get(path);
    if (!shape || sizeOf(shape) * count * Float32Array.BYTES_PER_ELEMENT > most) continue;
    const found = (await readKept(join(folder, await fileOf(options, path))))?.get("values");
    if (found && sameShape(found.shape, [count, ...shape])) held.set(path, found);
    else missing.push(path);
  }
  if (missing.length > 0) {
    const made = missing.map((path) => emptyOf([count, ...(shapes.get(path) ?? [])]));
    for (let from = 0; from < count; from += batchSize) {
      stopIfAborted(signal, `${from} of ${count} images were done and nothing was kept`);
      const to = Math.min(count, from + batchSize);
      const read = await readOutputs(outputs, from, to, missing);
      for (const [i, path] of missing.entries()) {
        const { values } = made[i]!;
        values.set(read[path]!, (values.length / count) * from);
      }
      yield { done: to, total: count };
    }
    await makeFolder(folder);
    for (const [i, path] of missing.entries()) {
      await writeKept(folder, await fileOf(options, path), new Map([["values", made[i]!]]));
      held.set(path, made[i]!);
    }
  }
  return withHeld(outputs, held);
}

/** Throws ARGUMENT. */
function checkSizes(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size > 0) continue;
    throw new LimbeckError("ARGUMENT", `keepOutputs: ${name} should be a whole number from 1, got ${size}`);
  }
}

/** Named for everything that its numbers follow from. */
async function fileOf({ teacher, images }: KeepOptions, path: string): Promise<string> {
  const { identity, preprocessing } = teacher;
  const { inputShape, resize, interpolation, range, mean, std, channelOrder } = preprocessing;
  const prepared = [inputShape, resize, interpolation, range, mean, std, channelOrder];
  return `${await sha256Hex(JSON.stringify([1, identity, prepared, images.fingerprint, images.view, path]))}.safetensors`;
}

/** What `writeKept` wrote; `undefined` where there is none, or it is damaged. */
export async function readKept(file: string): Promise<ReadonlyMap<string, StoredTensor> | undefined> {
  const bytes = await readIfThere(file);
  if (!bytes) return undefined;
  try {
    const { tensors, metadata } = readSafetensors(bytes, file);
    return metadata["sha256"] === (await digestOf(tensors)) ? tensors : undefined;
  } catch {
    return undefined;
  }
}

/** Writes tensors into a file of an existing folder, with a checksum; whole at once, since a run beside this one may read it. Throws OUTPUT. */
export async function writeKept(
  folder: string,
  name: string,
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<void> {
  const bytes = writeSafetensors(tensors, { sha256: await digestOf(tensors) });
  await placeFile(join(folder, name), (part) => writeFile(part, bytes));
}

async function digestOf(tensors: ReadonlyMap<string, StoredTensor>): Promise<string> {
  const digests = [...tensors].map(async ([name, { values }]) => [
    name,
    await sha256Hex(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ]);
  return sha256Hex(JSON.stringify((await Promise.all(digests)).sort()));
}

function emptyOf(shape: Shape): StoredTensor {
  return { shape, values: new Float32Array(sizeOf(shape)) };
}
