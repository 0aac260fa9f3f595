/** @file Archives downloaded from a good server, or found in the cache folder. */
import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fetchArchive } from "../../src/data/node/archive.ts";
import { takeLock } from "../../src/data/node/lock.ts";
import { sendFile, serve, temporaryFolder } from "./archive-server.ts";
import { bytes, expectUnpacked, failure } from "./picture-archive.ts";
import { describeArchive } from "./tar-file.ts";

describe("an archive", () => {
  it("is downloaded once, with progress, and unpacked, its expected files only", async () => {
    const cache = join(await temporaryFolder(), "made", "on the way");
    let requests = 0;
    const url = await serve((request, response) => {
      requests++;
      sendFile(bytes)(request, response);
    });
    const progress: number[] = [];
    const archive = describeArchive(bytes, url);
    const folder = await fetchArchive(archive, cache, { onProgress: ({ received }) => progress.push(received) });
    expect(folder).toBe(join(cache, "pictures"));
    expectUnpacked(cache);
    expect(progress.at(-1)).toBe(bytes.length);
    await fetchArchive(archive, cache);
    expect(requests).toBe(1);
  });

  it("is downloaded once when two ask at the same time", async () => {
    const cache = await temporaryFolder();
    let requests = 0;
    const url = await serve((request, response) => {
      requests++;
      setTimeout(() => sendFile(bytes)(request, response), 100);
    });
    await Promise.all([1, 2, 3].map(() => fetchArchive(describeArchive(bytes, url), cache)));
    expect(requests).toBe(1);
    expectUnpacked(cache);
  });

  it("put into the cache folder by hand is used, if it is the right one", async () => {
    const cache = await temporaryFolder();
    const archive = describeArchive(bytes, "http://127.0.0.1:9/pictures.tar.gz");
    writeFileSync(join(cache, "pictures.tar.gz"), bytes.subarray(1));
    await expect(fetchArchive(archive, cache)).rejects.toEqual(failure("CHECKSUM", archive.sha256, "remove it"));
    expect(existsSync(join(cache, "pictures.tar.gz"))).toBe(true);
    writeFileSync(join(cache, "pictures.tar.gz"), bytes);
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
  });
});

it("waits for another process's download with a word", async () => {
  const cache = await temporaryFolder();
  const archive = describeArchive(bytes, await serve(sendFile(bytes)));
  const lock = await takeLock(join(cache, "pictures.tar.gz.lock"));
  const notes: (string | undefined)[] = [];
  const fetched = fetchArchive(archive, cache, {
    onProgress: ({ step, note }) => {
      notes.push(note);
      if (step === "waiting") void lock.release();
    },
  });
  await fetched;
  expectUnpacked(cache);
  expect(notes[0]).toMatch(/^waiting for another process, which holds .*pictures\.tar\.gz\.lock/);
});

it("tells how far the unpacking is", async () => {
  const cache = await temporaryFolder();
  const steps: string[] = [];
  await fetchArchive(describeArchive(bytes, await serve(sendFile(bytes))), cache, {
    onProgress: ({ step, received, total }) => steps.push(`${step} ${received} of ${total}`),
  });
  expect(steps.at(-1)).toBe(`unpacking ${bytes.length} of ${bytes.length}`);
});

it.each(["a folder", "far too large"])(
  "an archive in the cache that is %s is refused without being read",
  async (what) => {
    const cache = await temporaryFolder();
    const file = join(cache, "pictures.tar.gz");
    if (what === "a folder") await mkdir(file);
    else {
      writeFileSync(file, "");
      truncateSync(file, 2 ** 42);
    }
    const archive = describeArchive(bytes, "http://127.0.0.1:9/pictures.tar.gz");
    await expect(fetchArchive(archive, cache)).rejects.toEqual(failure("CHECKSUM", "pictures", "remove it"));
  },
);

it("offline, says what to download, from where, and where to put it", async () => {
  const cache = await temporaryFolder();
  const archive = describeArchive(bytes, "http://127.0.0.1:9/pictures.tar.gz"); // nobody listens there
  await expect(fetchArchive(archive, cache)).rejects.toEqual(
    failure(
      "DOWNLOAD",
      "pictures.tar.gz could not be downloaded",
      archive.url,
      join(cache, "pictures.tar.gz"),
      "--data-dir",
    ),
  );
  expect(readdirSync(cache)).toEqual([]);
});

describe("a cache folder that cannot be written", () => {
  const archive = describeArchive(bytes, "http://127.0.0.1:9/pictures.tar.gz");

  it("is named: a file stands in the way", async () => {
    const taken = join(await temporaryFolder(), "taken");
    writeFileSync(taken, "");
    await expect(fetchArchive(archive, taken)).rejects.toEqual(failure("OUTPUT", taken, "LIMBECK_CACHE"));
    await expect(fetchArchive(archive, join(taken, "in"))).rejects.toEqual(failure("OUTPUT", "taken.in"));
  });

  it.skipIf(process.platform !== "linux")("is named: the system refuses it", async () => {
    await expect(fetchArchive(archive, "/proc/limbeck")).rejects.toEqual(failure("OUTPUT", "/proc/limbeck"));
  });

  it("is named: the download's own place is taken", async () => {
    const cache = await temporaryFolder();
    await mkdir(join(cache, "pictures.tar.gz.part"));
    const served = describeArchive(bytes, await serve(sendFile(bytes)));
    await expect(fetchArchive(served, cache)).rejects.toEqual(failure("OUTPUT", "pictures.tar.gz.part"));
  });
});
