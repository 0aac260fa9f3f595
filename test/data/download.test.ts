import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fetchArchive, type Archive } from "../../src/data/node/archive.ts";
import {
  cutting,
  describeArchive,
  rangeStart,
  sendFile,
  serve,
  tar,
  tarEntry,
  temporaryFolder,
} from "./archive-server.ts";

const content = randomBytes(3000); // does not compress, so there is something to cut
const bytes = gzipSync(
  tar([
    tarEntry("pictures/", Buffer.alloc(0), { type: "Directory" }),
    tarEntry("pictures/a.bin", content),
    tarEntry("pictures/b.txt", Buffer.from("ok")),
    tarEntry("pictures/readme.html", Buffer.from("not wanted")),
  ]),
);
const failure = (code: string, ...parts: string[]): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(new RegExp(parts.join(".*"))) });

function expectUnpacked(cache: string): void {
  expect(readdirSync(cache)).toEqual(["pictures"]);
  expect(readdirSync(join(cache, "pictures")).toSorted()).toEqual(["a.bin", "b.txt"]);
  expect(readFileSync(join(cache, "pictures", "a.bin"))).toEqual(content);
}

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

describe("a cut connection", () => {
  it("is taken up again at once where it broke off", async () => {
    const cache = await temporaryFolder();
    const starts: (number | undefined)[] = [];
    const { answer, hangUp } = cutting(bytes, 1000);
    const url = await serve((request, response) => {
      starts.push(rangeStart(request.headers.range));
      (starts.length < 3 ? answer : sendFile(bytes))(request, response);
    });
    await fetchArchive(describeArchive(bytes, url), cache, { onProgress: hangUp });
    expectUnpacked(cache);
    expect(starts).toEqual([undefined, 1000, 2000]);
  });

  it("that brings nothing more ends in an error, and the next download goes on from there", async () => {
    const cache = await temporaryFolder();
    let working = false;
    const { answer, hangUp } = cutting(bytes, 700);
    const starts: (number | undefined)[] = [];
    const url = await serve((request, response) => {
      const start = rangeStart(request.headers.range);
      starts.push(start);
      if (working) sendFile(bytes)(request, response);
      else if (start === undefined) answer(request, response);
      else response.destroy();
    });
    const archive = describeArchive(bytes, url);
    const options = { onProgress: hangUp };
    await expect(fetchArchive(archive, cache, options)).rejects.toEqual(failure("DOWNLOAD", "what came is kept", url));
    expect(readdirSync(cache)).toEqual(["pictures.tar.gz.part"]);
    working = true;
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
    expect(starts).toEqual([undefined, 700, 700]);
  });

  it("starts over with a server that ignores Range", async () => {
    const cache = await temporaryFolder();
    writeFileSync(join(cache, "pictures.tar.gz.part"), bytes.subarray(0, 500));
    const url = await serve((_, response) => void response.writeHead(200).end(bytes));
    await fetchArchive(describeArchive(bytes, url), cache);
    expectUnpacked(cache);
  });

  it("can be stopped by the caller, and goes on later", async () => {
    const cache = await temporaryFolder();
    const url = await serve((request, response) => {
      if (rangeStart(request.headers.range) !== undefined) return sendFile(bytes)(request, response);
      response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 600)); // and then nothing
    });
    const stop = new AbortController();
    const archive = describeArchive(bytes, url);
    const stopped = fetchArchive(archive, cache, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toEqual(failure("ABORTED", "600 of"));
    expect(readdirSync(cache)).toEqual(["pictures.tar.gz.part"]);
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
  });
});

describe("what is not the published file", () => {
  const refused = async (archive: Archive, cache: string, ...message: string[]): Promise<void> => {
    await expect(fetchArchive(archive, cache)).rejects.toEqual(failure("CHECKSUM", ...message));
    expect(readdirSync(cache)).toEqual([]);
  };

  it("is removed when its checksum differs", async () => {
    const other = Buffer.from(bytes);
    other[other.length >> 1]! ^= 1;
    const archive = describeArchive(bytes, await serve(sendFile(other)));
    await refused(archive, await temporaryFolder(), archive.sha256, "got [0-9a-f]{64}", "removed");
  });

  it("is removed when it grows too large, before all of it came", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200);
      const more = (cut?: Error | null): void => void (cut || response.write(Buffer.alloc(65_536), more)); // without end
      more();
    });
    await refused(describeArchive(bytes, url), await temporaryFolder(), `should be ${bytes.length} bytes, got more`);
  });

  it("is removed when it continues a part of something else", async () => {
    const cache = await temporaryFolder();
    writeFileSync(join(cache, "pictures.tar.gz.part"), Buffer.alloc(500));
    await refused(describeArchive(bytes, await serve(sendFile(bytes))), cache, "got");
  });

  it("such as a page saying 404, is named with its status", async () => {
    const url = await serve((_, response) => void response.writeHead(404).end("<h1>gone</h1>"));
    const cache = await temporaryFolder();
    await expect(fetchArchive(describeArchive(bytes, url), cache)).rejects.toEqual(failure("DOWNLOAD", "404"));
    expect(readdirSync(cache)).toEqual([]);
  });
});

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
