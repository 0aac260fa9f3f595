import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "modern-tar";
import { expect, it } from "vitest";
import { unpack } from "../../src/data/node/unpack.ts";
import { describeArchive, fileEntry, gzippedTar, temporaryFolder } from "./archive-server.ts";

const good = [fileEntry("pictures/a.bin", Buffer.alloc(3000, 7)), fileEntry("pictures/b.txt", Buffer.from("ok"))];

/** Unpacks these bytes in a fresh folder; what went wrong, and what is in the folder afterwards. */
async function outcome(bytes: Uint8Array): Promise<{ error: unknown; left: string[]; folder: string }> {
  const parent = await temporaryFolder();
  const file = join(parent, "pictures.tar.gz");
  const folder = join(parent, "inner", "..", "pictures");
  writeFileSync(file, bytes);
  const archive = describeArchive(Buffer.from(bytes), "http://127.0.0.1:9/pictures.tar.gz");
  const error: unknown = await unpack(archive, file, folder).catch((caught: unknown) => caught);
  return { error, left: readdirSync(parent).toSorted(), folder };
}

async function expectRefused(bytes: Uint8Array, code: string, message: RegExp): Promise<void> {
  const { error, left } = await outcome(bytes);
  expect(error).toEqual(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  expect(left).toEqual(["pictures.tar.gz"]);
}

const link = (type: "link" | "symlink"): TarEntry => ({
  header: { name: "pictures/a.bin", size: 0, type, linkname: "/etc/passwd" },
});

it("unpacks the expected files", async () => {
  const { error, folder, left } = await outcome(await gzippedTar(good));
  expect(error).toBeUndefined();
  expect(left).toEqual(["pictures", "pictures.tar.gz"]);
  expect(readFileSync(join(folder, "a.bin"))).toEqual(Buffer.alloc(3000, 7));
  expect(readFileSync(join(folder, "b.txt"), "utf8")).toBe("ok");
});

it.each([
  ["climbs out", fileEntry("../evil.txt", Buffer.from("x")), /evil\.txt climbs out/],
  ["climbs out further down", fileEntry("pictures/../../evil.txt", Buffer.from("x")), /evil\.txt climbs out/],
  ["climbs out backwards", fileEntry("pictures\\..\\..\\evil.txt", Buffer.from("x")), /climbs out/],
  ["is absolute", fileEntry("/tmp/evil.txt", Buffer.from("x")), /absolute/],
  ["is absolute on a drive", fileEntry("C:evil.txt", Buffer.from("x")), /absolute/],
  ["is a symbolic link", link("symlink"), /link to \/etc\/passwd/],
  ["is a hard link", link("link"), /link to \/etc\/passwd/],
  ["is a pipe", { header: { name: "pictures/a.bin", size: 0, type: "fifo" } } as TarEntry, /is a fifo/],
  ["is larger than expected", fileEntry("pictures/a.bin", Buffer.alloc(3001)), /3001 bytes, expected at most 3000/],
  ["is there twice", good[0]!, /twice/],
])("refuses an entry that %s, and leaves nothing", async (_, entry, message) => {
  await expectRefused(await gzippedTar([...good, entry].toReversed()), "UNSAFE_ARCHIVE", message);
});

it("refuses an archive that lacks a file", async () => {
  await expectRefused(await gzippedTar(good.slice(0, 1)), "DATA_FORMAT", /lacks b\.txt/);
});

it("refuses what is no gzip, no tar, or cut short", async () => {
  const whole = await gzippedTar(good);
  await expectRefused(Buffer.from("hello, hello"), "DATA_FORMAT", /gzipped tar/);
  await expectRefused(gzipSync(Buffer.alloc(2048, "hello")), "DATA_FORMAT", /gzipped tar/);
  await expectRefused(whole.subarray(0, whole.length - 20), "DATA_FORMAT", /gzipped tar/);
  await expectRefused(gzipSync((await packTar(good)).subarray(0, 1500)), "DATA_FORMAT", /gzipped tar/);
});
