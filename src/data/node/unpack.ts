/** @file Unpacks a gzipped tar file without trusting it. */
import { createReadStream } from "node:fs";
import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createTarDecoder, type ParsedTarEntry, type TarHeader } from "modern-tar";
import { LimbeckError } from "../../errors.ts";
import type { Archive } from "./archive.ts";
import { writing } from "./cache-folder.ts";

/**
 * Unpacks the archive's expected files to `folder`, which appears whole or not at all.
 *
 * Throws UNSAFE_ARCHIVE for a path that is absolute or climbs out, a link or a device, or a file larger than expected;
 * DATA_FORMAT for what is no gzipped tar file, or lacks a file; OUTPUT for a folder that cannot be written.
 */
export async function unpack(archive: Archive, file: string, folder: string, signal?: AbortSignal): Promise<void> {
  const temporary = await writing(dirname(folder), mkdtemp(`${folder}-`));
  try {
    const missing = new Set(Object.keys(archive.files));
    for await (const entry of entriesOf(file)) {
      signal?.throwIfAborted();
      checkSafe(file, entry.header);
      const name = expectedName(archive, entry.header);
      if (name === undefined) {
        await entry.body.cancel();
      } else {
        if (!missing.delete(name)) throw unsafe(file, entry.header.name, "is there twice");
        await write(file, entry, archive.files[name]!, join(temporary, name));
      }
    }
    if (missing.size > 0) throw unreadable(file, `it lacks ${[...missing].join(", ")}`);
    await writing(folder, rename(temporary, folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof LimbeckError) throw error;
    if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped while unpacking ${file}`);
    throw unreadable(file, (error as Error).message);
  }
}

function entriesOf(file: string): ReadableStream<ParsedTarEntry> {
  const bytes = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return bytes.pipeThrough(new DecompressionStream("gzip")).pipeThrough(createTarDecoder({ strict: true }));
}

function checkSafe(file: string, { name, type, linkname }: TarHeader): void {
  const steps = name.split(/[\\/]/);
  if (steps.includes("..")) throw unsafe(file, name, "climbs out of its folder");
  if (steps[0] === "" || /^[a-z]:/i.test(name)) throw unsafe(file, name, "is an absolute path");
  if (type === "link" || type === "symlink") throw unsafe(file, name, `is a link to ${linkname}`);
  if (type !== "file" && type !== "directory") throw unsafe(file, name, `is a ${type}`);
}

/** The name of an entry to keep, without its folder. */
function expectedName({ folder, files }: Archive, { name, type }: TarHeader): string | undefined {
  const steps = name.split("/").filter((step) => step !== ".");
  const wanted = type === "file" && steps.length === 2 && steps[0] === folder && Object.hasOwn(files, steps[1]!);
  return wanted ? steps[1] : undefined;
}

async function write(file: string, { header, body }: ParsedTarEntry, most: number, path: string): Promise<void> {
  if (header.size > most) throw unsafe(file, header.name, `is ${header.size} bytes, expected at most ${most}`);
  const out = await writing(path, open(path, "wx"));
  try {
    for await (const chunk of body) await writing(path, out.writeFile(chunk));
  } finally {
    await out.close();
  }
}

function unsafe(file: string, entry: string, fault: string): LimbeckError {
  return new LimbeckError(
    "UNSAFE_ARCHIVE",
    `${file}: the entry ${entry} ${fault}; nothing was unpacked, remove the file and get it from its publisher`,
  );
}

function unreadable(file: string, fault: string): LimbeckError {
  return new LimbeckError(
    "DATA_FORMAT",
    `${file} should be a gzipped tar file with the expected files: ${fault}; remove it and get it again`,
  );
}
