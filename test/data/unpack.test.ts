import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpack } from "../../src/data/node/unpack.ts";
import { temporaryFolder } from "./archive-server.ts";
import { describeArchive, tar, tarEntry } from "./tar-file.ts";

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
  const sums = createHash("sha256").update(Buffer.alloc(3000, 7)).digest("hex");
  expect(readFileSync(join(folder, "SHA256SUMS"), "utf8")).toMatch(
    new RegExp(`^${sums}  a\\.bin\n[0-9a-f]{64}  b\\.txt\n$`),
  );
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

describe("what expands to far more than expected is given up at once", () => {
  const megabyte = gzipSync(Buffer.alloc(2 ** 20));
  /** Zeros, as members of a gzip file, of a kilobyte each. */
  const zeros = (megabytes: number): Buffer[] => Array.from({ length: megabytes }, () => megabyte);
  const inMemory = (): number => process.resourceUsage().maxRSS / 1024;

  it("an entry of two gigabytes in two megabytes", async () => {
    const header = tarEntry("pictures/readme.html", none, { size: 2 ** 31 });
    const bomb = Buffer.concat([gzipSync(header), ...zeros(2048)]);
    expect(bomb.length).toBeLessThan(2.2e6);
    const before = inMemory();
    await expectRefused(bomb, "DATA_FORMAT", /expand to at most \d+ bytes, got more/);
    expect(inMemory() - before).toBeLessThan(100);
  });

  it("zeros after the archive's end", async () => {
    const before = inMemory();
    await expectRefused(Buffer.concat([gzipped(good), ...zeros(500)]), "DATA_FORMAT", /expand to at most/);
    expect(inMemory() - before).toBeLessThan(100);
  });

  it("zeros, or anything, after the compressed end", async () => {
    const whole = gzipped(good);
    for (const after of [1, 30e6]) {
      const message = new RegExp(`end after ${whole.length} bytes, got ${whole.length + after}`);
      await expectRefused(Buffer.concat([whole, Buffer.alloc(after)]), "DATA_FORMAT", message);
    }
    await expectRefused(Buffer.concat([whole, Buffer.from("hello")]), "DATA_FORMAT", /gzipped tar/);
  });

  it("an archive that is compressed twice", async () => {
    await expectRefused(gzipSync(gzipped(good)), "DATA_FORMAT", /compressed twice/);
  });

  it("small entries without end", async () => {
    const entries = Array.from({ length: 3000 }, (_, i) => tarEntry(`pictures/${i}.txt`, none));
    await expectRefused(gzipped([...good, ...entries]), "DATA_FORMAT", /expand to at most/);
  });
});

it("stops when told to, and leaves nothing", async () => {
  const parent = await temporaryFolder();
  const file = join(parent, "pictures.tar.gz");
  const bytes = gzipped(good);
  writeFileSync(file, bytes);
  const stop = new AbortController();
  const archive = describeArchive(bytes, "http://127.0.0.1:9/pictures.tar.gz");
  const options = { signal: stop.signal, onRead: () => stop.abort() };
  await expect(unpack(archive, file, join(parent, "pictures"), options)).rejects.toMatchObject({ code: "ABORTED" });
  expect(readdirSync(parent)).toEqual(["pictures.tar.gz"]);
});
