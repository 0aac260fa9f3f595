/** @file An experiment's folder on disk: whole files or none, checked against a manifest, one process at a time. */
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { takeLock } from "../../data/node/lock.ts";
import { readIfThere } from "../../data/node/read-file.ts";
import { makeNested } from "../../data/node/folders.ts";
import { LimbeckError } from "../../errors.ts";
import { sha256Hex } from "../../sha256.ts";
import type { ExperimentFolder } from "../folder.ts";
import { openLog, readLog } from "./log.ts";
import {
  damagedError,
  emptyManifest,
  encodeManifest,
  MANIFEST,
  readManifest,
  type Checksum,
  type Manifest,
} from "./manifest.ts";

/**
 * Makes the folder if need be and takes it for this process. Throws OUTPUT if it cannot be written, is in use, or holds something other
 * than an experiment, CHECKSUM for a damaged manifest.
 */
export async function openFolder(folder: string): Promise<ExperimentFolder> {
  const lock = await attempt(folder, async () => {
    await makeNested(folder);
    await checkOurs(folder);
    return takeLock(join(folder, "lock"));
  });
  try {
    const manifest = await attempt(folder, () => readRecovered(folder));
    const notes: string[] = [];
    const at = (path: string): string => join(folder, path);
    let isSaved = true;
    const save = async (): Promise<void> => {
      await lock.check();
      await writeWhole(at(MANIFEST), await encodeManifest(manifest));
      isSaved = true;
    };
    /** Writes down what files are about to be, then makes them so: see docs/runs.md. */
    const change = async (to: ReadonlyMap<string, Checksum>, act: () => Promise<void>): Promise<void> => {
      for (const [path, checksum] of to) manifest.files.set(path, [checksum, manifest.files.get(path)?.[0] ?? null]);
      try {
        await save();
        await act();
      } finally {
        for (const path of to.keys()) await resolveChecksum(folder, path, manifest);
        isSaved = false;
      }
    };
    return {
      lost: lock.lost,
      read: (path) => attempt(at(path), () => readChecked(folder, path, manifest, notes)),
      write: (path, content) =>
        attempt(at(path), async () => {
          await lock.check();
          const putInPlace = await prepare(at(path), content);
          await change(new Map([[path, await sha256Hex(content)]]), putInPlace);
        }),
      remove: (paths) =>
        attempt(folder, async () => {
          const there = paths.filter((path) => manifest.files.has(path));
          if (there.length === 0) return;
          await change(new Map(there.map((path) => [path, null])), async () => {
            for (const path of there.flatMap((each) => [each, temporary(each)])) await rm(at(path), { force: true });
          });
        }),
      lines: (path, keep) =>
        attempt(at(path), async () => {
          await lock.check();
          await makeFolderOf(at(path));
          const lines = await openLog({ folder, path, manifest, notes }, keep);
          const flush = (work: () => Promise<void>) => (): Promise<void> =>
            attempt(at(path), work).finally(() => (isSaved = false));
          return { append: lines.append, flush: flush(lines.flush), close: flush(lines.close) };
        }),
      readLines: (path) => readLog({ folder, path, manifest, notes }),
      bind(name, value) {
        const before = manifest.bound.get(name);
        if (before === undefined) manifest.bound.set(name, value);
        return before ?? value;
      },
      notes,
      async close() {
        // Without the checksums of what the last files replaced; those do no harm if this fails.
        if (!isSaved) await save().catch(() => undefined);
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What is in the folder of an experiment, however early its process was killed. */
const ours = new Set([MANIFEST, "config.json", "lock", "lock.takeover", temporary(MANIFEST), temporary("config.json")]);

/** Throws OUTPUT for a folder of something else: the disk's own, a home, one of pictures. */
async function checkOurs(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length === 0 || names.some((name) => ours.has(name))) return;
  const some = names.toSorted().slice(0, 3).join(", ");
  throw new LimbeckError(
    "OUTPUT",
    `${folder} holds something other than a run of Limbeck (${some}${names.length > 3 ? ", …" : ""}); give a new folder, or an empty one`,
  );
}

/** The manifest, with its files as a process that was killed has left them; a new one where no experiment was begun. */
async function readRecovered(folder: string): Promise<Manifest> {
  const manifest = (await readManifest(folder)) ?? emptyManifest();
  for (const path of manifest.files.keys()) await resolveChecksum(folder, path, manifest);
  return manifest.files.has("config.json") ? manifest : emptyManifest();
}

/** Which of two a file is, where the manifest holds both. One that is neither shows when it is read. */
async function resolveChecksum(folder: string, path: string, { files }: Manifest): Promise<void> {
  const [wanted = null, before] = files.get(path) ?? [];
  if (before === undefined) return;
  const is = (await checksumOf(join(folder, path))) === before ? before : wanted;
  if (is === null) files.delete(path);
  else files.set(path, [is]);
}

async function readChecked(
  folder: string,
  path: string,
  manifest: Manifest,
  notes: string[],
): Promise<Uint8Array | undefined> {
  const file = join(folder, path);
  const bytes = await readIfThere(file);
  const [expected] = manifest.files.get(path) ?? [];
  if (!bytes && expected === undefined) return undefined;
  const found = bytes ? await sha256Hex(bytes) : null;
  if (bytes && found === expected) return bytes;
  if (!bytes && path.includes("/") && !(await isThere(dirname(file)))) {
    notes.push(`${dirname(file)} is gone; that run is done again`);
    for (const listed of [manifest.files, manifest.logs]) {
      for (const each of listed.keys()) if (dirname(each) === dirname(path)) listed.delete(each);
    }
    return undefined;
  }
  throw damagedError(folder, path, found, expected);
}

/** Writes a file so that, whatever happens, either the old or the new one is there, whole. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const finish = await prepare(path, content);
  await finish();
}

/** The same in two parts: the content on disk under another name, then what puts it in place. */
async function prepare(path: string, content: Uint8Array | string): Promise<() => Promise<void>> {
  await makeFolderOf(path);
  // NOTE: not the file that a killed process may still be writing to.
  await rm(temporary(path), { force: true });
  const file = await open(temporary(path), "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    // What a full disk has of it is of no use.
    await rm(temporary(path), { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return async () => {
    await rename(temporary(path), path);
    await syncFolder(dirname(path));
  };
}

/** NOTE: not those it is in: an experiment's folder that was removed is not to come back. */
async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

function temporary(path: string): string {
  return `${path}.part`;
}

/** NOTE: a rename is durable only when the folder is; Windows cannot sync one and needs not. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function checksumOf(path: string): Promise<Checksum> {
  const bytes = await readIfThere(path).catch(() => new Uint8Array());
  return bytes ? sha256Hex(bytes) : null;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function attempt<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof LimbeckError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const fix = fixes[code] ?? "choose another folder with --out, or change its permissions";
    throw new LimbeckError("OUTPUT", `${path} cannot be used: ${message}; ${fix}`, { cause: error });
  }
}

const moreProcesses = "the system refuses more threads or open files; end other processes, or raise the limit";
const fixes: Readonly<Record<string, string>> = {
  ENOSPC: "make room on the disk",
  EAGAIN: moreProcesses,
  EMFILE: moreProcesses,
  ENFILE: moreProcesses,
  ERR_WORKER_INIT_FAILED: moreProcesses,
};
