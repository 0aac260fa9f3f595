/**
 * @file The hub's cache, as huggingface_hub for Python lays it out, so that both use the same files: `blobs` by checksum, `snapshots` of commits, whose files
 * are links to blobs, and `refs`, the commits of branches and tags.
 *
 * NOTE: `downloadFileToCacheDir` of @huggingface/hub writes the same layout, but begins again what was cut off, checks no checksum, lets two processes write into
 * one half-written file, and prints. So here files come by `download`, under a lock.
 */
import { copyFile, lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { makeFolder, placeFile } from "../folders.ts";

/** A commit's name. */
const COMMIT = /^[\da-f]{40}$/;

/** A repository's part of the cache. */
export interface CachedRepository {
  readonly folder: string;
  /** The commit that a branch or tag was at when it was last looked up, or that is named itself. */
  commitOf(revision: string): Promise<string | undefined>;
  remember(revision: string, commit: string): Promise<void>;
  snapshot(commit: string): string;
  /** Paths of the files of a commit that are there, whole. */
  filesOf(commit: string): Promise<readonly string[]>;
  blob(checksum: string): string;
  lock(checksum: string): string;
  /** Makes the blob the file of a snapshot. Throws OUTPUT. */
  link(commit: string, path: string, checksum: string): Promise<void>;
}

/** That of `OWNER/NAME`. */
export async function cachedRepository(type: "model" | "dataset", name: string): Promise<CachedRepository> {
  const { getHFHubCachePath, getRepoFolderName } = await import("@huggingface/hub");
  const cache = getHFHubCachePath();
  const part = getRepoFolderName({ type, name });
  const folder = join(cache, part);
  const snapshot = (commit: string): string => join(folder, "snapshots", commit);
  const blob = (checksum: string): string => join(folder, "blobs", checksum);
  return {
    folder,
    snapshot,
    blob,
    lock: (checksum) => join(cache, ".locks", part, `${checksum}.limbeck`),
    async commitOf(revision) {
      if (COMMIT.test(revision)) return revision;
      const text = await readFile(join(folder, "refs", revision), "utf8").catch(() => "");
      return COMMIT.test(text.trim()) ? text.trim() : undefined;
    },
    async remember(revision, commit) {
      if (revision === commit) return;
      const file = join(folder, "refs", revision);
      await makeFolder(dirname(file));
      await placeFile(file, (part) => writeFile(part, commit));
    },
    async filesOf(commit) {
      const names = await readdir(snapshot(commit), { recursive: true }).catch(() => []);
      const found = await Promise.all(names.map((name) => stat(join(snapshot(commit), name)).catch(() => undefined)));
      return names.filter((_, i) => found[i]?.isFile()).map((name) => name.replaceAll(sep, "/"));
    },
    async link(commit, path, checksum) {
      const file = join(snapshot(commit), path);
      await makeFolder(dirname(file));
      const way = relative(dirname(file), blob(checksum));
      // Where a system has no links for everybody, as Windows, it is a copy.
      await placeFile(file, (part) => symlink(way, part).catch(() => copyFile(blob(checksum), part)));
    },
  };
}

/** Whether something has the name, a link that leads nowhere among them. */
export async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
