/** @file Small tar files, entry by entry. */
import { createHash } from "node:crypto";
import { Header, type HeaderData } from "tar";
import type { Archive } from "../../src/data/node/unpack.ts";

/** An entry of a tar file: its header in one block, then its body in whole blocks of 512 bytes. */
export function tarEntry(path: string, body: Uint8Array, more: HeaderData = {}): Buffer {
  const bytes = Buffer.alloc(512 + 512 * Math.ceil(body.length / 512));
  new Header({ path, size: body.length, type: "File", mode: 0o644, mtime: new Date(0), ...more }).encode(bytes);
  bytes.set(body, 512);
  return bytes;
}

/** A tar file of these entries, which ends in two empty blocks. */
export function tar(entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}

/** What is published about these bytes at this address: a folder `pictures` with `a.bin` (3,000 bytes) and `b.txt` (2). */
export function describeArchive(bytes: Buffer, url: string): Archive {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { url, size: bytes.length, sha256, folder: "pictures", files: { "a.bin": 3000, "b.txt": 2 } };
}
