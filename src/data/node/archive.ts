/** @file A published archive, fetched once: downloaded, verified and unpacked into the cache folder, however many ask at once. */
import { rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { makeFolder, writing } from "./folders.ts";
import { download, type DownloadOptions, type DownloadProgress } from "./download.ts";
import { withLock } from "./lock.ts";
import { unpack, type Archive } from "./unpack.ts";
import { verify } from "./checksums.ts";

/**
 * The folder in `cache` with the archive's files; downloads and unpacks it unless it is there. An archive that was put
 * into the cache folder by hand is used. The folder appears whole or not at all.
 *
 * Throws as `download`, `unpack` and `withLock`; OUTPUT where the cache folder cannot be written.
 */
export async function fetchArchive(archive: Archive, cache: string, options: DownloadOptions = {}): Promise<string> {
  const folder = join(cache, archive.folder);
  if (await exists(folder)) return folder;
  await makeFolder(cache);
  const file = join(cache, basename(new URL(archive.url).pathname));
  const { onProgress, signal: stop } = options;
  const lock = `${file}.lock`;
  const tell = (step: DownloadProgress["step"], received: number, note?: string): void =>
    onProgress?.({ url: archive.url, step, received, total: archive.size, note });
  const waiting = setTimeout(
    () => tell("waiting", 0, `waiting for another process, which holds ${lock} and gets the same files`),
    1000,
  );
  await withLock(lock, stop, async (signal) => {
    clearTimeout(waiting);
    if (await exists(folder)) return; // another process was faster
    if (await exists(file))
      await verify(archive, file, `remove it, so that it is downloaded again from ${archive.url}`);
    else await download(archive, file, { ...options, signal });
    await unpack(archive, file, folder, { signal, onRead: (bytes) => tell("unpacking", bytes) });
    await writing(file, rm(file));
  }).finally(() => clearTimeout(waiting));
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
