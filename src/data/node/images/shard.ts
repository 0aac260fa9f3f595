/** @file A shard: kept pictures one after another in a file, and at its end what they are and a checksum over all. */
import { systemCode } from "../../../errors.ts";
import { createHash, type Hash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { writing } from "../folders.ts";
import type { Broken, Kept, Prepared } from "./prepare.ts";

/** What a shard holds, in the order of its pictures: those that are kept have their bytes in it, without gaps. */
export type ShardRecord = Kept | Broken;

export function isKept(record: ShardRecord): record is Kept {
  return "content" in record;
}

/** The checksum, and before it the length of the records' text. */
const DIGEST = 32;
const TAIL = 4 + DIGEST;

/** Bytes that are written at a time. */
const CHUNK = 2 ** 22;

/** Most bytes of the records' text. */
const MOST_RECORDS = 2 ** 28;

/**
 * Writes a shard, which appears whole or not at all. Throws OUTPUT where it cannot be written, the disk is full say; else
 * what the pictures throw.
 */
export async function writeShard(
  path: string,
  pictures: AsyncIterable<Prepared>,
  channels: number,
): Promise<ShardRecord[]> {
  const part = `${path}.part`;
  const file = await writing(part, open(part, "w"));
  try {
    const records: ShardRecord[] = [];
    const hash = createHash("sha256");
    let waiting: Uint8Array[] = [];
    let size = 0;
    for await (const picture of pictures) {
      records.push("broken" in picture ? picture.broken : picture.kept);
      if ("broken" in picture) continue;
      if (picture.pixels.length !== bytesOf(picture.kept, channels)) throw new Error("a picture of another size");
      waiting.push(picture.pixels);
      size += picture.pixels.length;
      if (size < CHUNK) continue;
      await append(part, file, hash, Buffer.concat(waiting));
      [waiting, size] = [[], 0];
    }
    const text = Buffer.from(JSON.stringify(records));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    await append(part, file, hash, Buffer.concat([...waiting, text, length]));
    await writing(part, file.writeFile(hash.digest()));
    await writing(part, file.close());
    await writing(path, rename(part, path));
    return records;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Bytes of a kept picture. */
export function bytesOf({ height, width }: Kept, channels: number): number {
  return channels * height * width;
}

/**
 * The records of a shard after its checksum was seen to be right; `undefined` for a file that is not there, or "damaged".
 * Throws OUTPUT for one that cannot be opened.
 */
export async function checkShard(path: string, signal?: AbortSignal): Promise<ShardRecord[] | "damaged" | undefined> {
  const file = await writing(path, openIfThere(path));
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    if (size < TAIL) return "damaged";
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(Math.min(CHUNK, size));
    for (let at = 0; at < size - DIGEST;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - DIGEST - at), at);
      if (bytesRead === 0) return "damaged";
      hash.update(chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
    const tail = await bytesAt(file, size - TAIL, TAIL);
    if (!hash.digest().equals(tail.subarray(4))) return "damaged";
    const length = tail.readUInt32LE();
    if (length > MOST_RECORDS || length > size - TAIL) return "damaged";
    return JSON.parse((await bytesAt(file, size - TAIL - length, length)).toString()) as ShardRecord[];
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

async function bytesAt(file: FileHandle, at: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, at);
  return bytes;
}

async function append(path: string, file: FileHandle, hash: Hash, bytes: Buffer): Promise<void> {
  hash.update(bytes);
  await writing(path, file.writeFile(bytes));
}
