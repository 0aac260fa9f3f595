import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { unpack } from "../../src/data/node/unpack.ts";
import { describeArchive, tar, tarEntry, temporaryFolder } from "./archive-server.ts";

const good = [tarEntry("pictures/a.bin", Buffer.alloc(3000, 7)), tarEntry("pictures/b.txt", Buffer.from("ok"))];

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

const gzipped = (entries: readonly Buffer[]): Buffer => gzipSync(tar(entries));
const none = Buffer.alloc(0);
const toPasswords = { linkpath: "/etc/passwd" };

it("unpacks the expected files", async () => {
  const { error, folder, left } = await outcome(gzipped(good));
  expect(error).toBeUndefined();
  expect(left).toEqual(["pictures", "pictures.tar.gz"]);
  expect(readFileSync(join(folder, "a.bin"))).toEqual(Buffer.alloc(3000, 7));
  expect(readFileSync(join(folder, "b.txt"), "utf8")).toBe("ok");
});

it.each([
  ["climbs out", tarEntry("../evil.txt", Buffer.from("x")), /evil\.txt climbs out/],
  ["climbs out further down", tarEntry("pictures/../../evil.txt", Buffer.from("x")), /evil\.txt climbs out/],
  ["climbs out backwards", tarEntry("pictures\\..\\..\\evil.txt", Buffer.from("x")), /climbs out/],
  ["is absolute", tarEntry("/tmp/evil.txt", Buffer.from("x")), /absolute/],
  ["is absolute on a drive", tarEntry("C:evil.txt", Buffer.from("x")), /absolute/],
  [
    "is a symbolic link",
    tarEntry("pictures/a.bin", none, { type: "SymbolicLink", ...toPasswords }),
    /link to \/etc\/passwd/,
  ],
  ["is a hard link", tarEntry("pictures/a.bin", none, { type: "Link", ...toPasswords }), /link to \/etc\/passwd/],
  ["is a pipe", tarEntry("pictures/a.bin", none, { type: "FIFO" }), /neither file nor folder \(FIFO\)/],
  ["is larger than expected", tarEntry("pictures/a.bin", Buffer.alloc(3001)), /3001 bytes, expected at most 3000/],
  ["is there twice", good[0]!, /twice/],
])("refuses an entry that %s, and leaves nothing", async (_, entry, message) => {
  await expectRefused(gzipped([...good, entry].toReversed()), "UNSAFE_ARCHIVE", message);
});

it("refuses an archive that lacks a file", async () => {
  await expectRefused(gzipped(good.slice(0, 1)), "DATA_FORMAT", /lacks b\.txt/);
});

it("refuses what is no gzip, no tar, or cut short", async () => {
  const whole = gzipped(good);
  await expectRefused(Buffer.from("hello, hello"), "DATA_FORMAT", /gzipped tar/);
  await expectRefused(gzipSync(Buffer.alloc(2048, "hello")), "DATA_FORMAT", /gzipped tar/);
  await expectRefused(whole.subarray(0, whole.length - 20), "DATA_FORMAT", /gzipped tar/);
  await expectRefused(gzipSync(tar(good).subarray(0, 1500)), "DATA_FORMAT", /gzipped tar/);
});
