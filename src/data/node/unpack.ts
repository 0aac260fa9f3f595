/** @file Unpacks a gzipped tar file without trusting it. */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { extract, type ReadEntry } from "tar";
import { LimbeckError } from "../../errors.ts";
import type { Archive } from "./archive.ts";
import { writing } from "./cache-folder.ts";

/**
 * Unpacks the archive's expected files to `folder`, which appears whole or not at all.
 *
 * Throws UNSAFE_ARCHIVE for a path that is absolute or climbs out, a link or a device, a file that is larger than expected
 * or there twice; DATA_FORMAT for what is no gzipped tar file, or lacks a file; OUTPUT for a folder that cannot be written.
 */
export async function unpack(archive: Archive, file: string, folder: string, signal?: AbortSignal): Promise<void> {
  const temporary = await writing(dirname(folder), mkdtemp(`${folder}-`));
  try {
    const missing = await extractExpected(archive, file, temporary, signal);
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while unpacking ${file}`);
    if (missing.length > 0) throw unreadable(file, `it lacks ${missing.join(", ")}`);
    await writing(folder, rename(temporary, folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the expected files to `into`, nothing else; returns the names of those that were not there. */
async function extractExpected(
  { folder, files }: Archive,
  file: string,
  into: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const missing = new Set(Object.keys(files));
  const faults: string[] = [];
  const keep = (entry: ReadEntry): boolean => {
    const { path, type, size } = entry;
    const name = Object.keys(files).find((each) => path.replace(/^\.\//, "") === `${folder}/${each}`);
    let fault = unsafeFault(entry);
    if (name !== undefined && !missing.delete(name)) fault ??= "is there twice";
    if (name !== undefined && size > files[name]!) fault ??= `is ${size} bytes, expected at most ${files[name]}`;
    if (fault !== undefined) faults.push(`the entry ${path} ${fault}`);
    return name !== undefined && type === "File" && faults.length === 0 && !signal?.aborted;
  };
  const strip = 1; // the folder
  try {
    await extract({ file, cwd: into, strip, strict: true, filter: (_, entry) => keep(entry as ReadEntry) });
  } catch (error) {
    const { message, tarCode } = error as Error & { readonly tarCode?: string };
    if (tarCode === "TAR_ENTRY_ERROR") return writing(into, Promise.reject(error as Error));
    throw unreadable(file, message);
  }
  if (faults.length > 0) throw unsafe(file, faults[0]!);
  return [...missing];
}

/** What makes an entry dangerous, whatever its name is expected to be. */
function unsafeFault({ path, type, linkpath }: ReadEntry): string | undefined {
  const steps = path.split(/[\\/]/);
  if (steps.includes("..")) return "climbs out of its folder";
  if (steps[0] === "" || /^[a-z]:/i.test(path)) return "is an absolute path";
  if (type === "Link" || type === "SymbolicLink") return `is a link to ${linkpath}`;
  if (type !== "File" && type !== "Directory") return `is neither file nor folder (${type})`;
  return undefined;
}

function unsafe(file: string, fault: string): LimbeckError {
  return new LimbeckError(
    "UNSAFE_ARCHIVE",
    `${file}: ${fault}; nothing was unpacked, remove the file and get it from its publisher`,
  );
}

function unreadable(file: string, fault: string): LimbeckError {
  return new LimbeckError(
    "DATA_FORMAT",
    `${file} should be a gzipped tar file with the expected files: ${fault}; remove it and get it again`,
  );
}
