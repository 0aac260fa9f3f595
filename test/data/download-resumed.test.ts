/** @file Downloads that break off, fall silent or are stopped, and how they are resumed. */
import { readdirSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { fetchArchive } from "../../src/data/node/archive.ts";
import type { DownloadProgress } from "../../src/data/node/download.ts";
import { cutting, rangeStart, sendFile, serve, temporaryFolder } from "./archive-server.ts";
import { bytes, expectUnpacked, failure } from "./picture-archive.ts";
import { describeArchive } from "./tar-file.ts";

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

describe("a file of which the server says the version", () => {
  const versioned =
    (tag: string, whole: Buffer): RequestListener =>
    (request, response) => {
      response.setHeader("etag", tag);
      const asked = request.headers["if-range"];
      if (asked !== undefined && asked !== tag) delete request.headers.range;
      sendFile(whole)(request, response);
    };

  /** Cuts the first download of `version` off after 700 bytes. */
  async function interrupted(tag: string, version: Buffer) {
    const cache = await temporaryFolder();
    const asked: (string | undefined)[] = [];
    let listener: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": version.length, etag: tag });
      response.write(version.subarray(0, 700));
    };
    const url = await serve((request, response) => {
      asked.push(request.headers["if-range"]?.toString());
      listener(request, response);
    });
    const stop = new AbortController();
    const archive = describeArchive(bytes, url);
    const options = { signal: stop.signal, onProgress: () => stop.abort() };
    await expect(fetchArchive(archive, cache, options)).rejects.toEqual(failure("ABORTED", "is kept"));
    return { cache, archive, asked, answer: (next: RequestListener) => (listener = next) };
  }

  it("goes on if that is the same", async () => {
    const { cache, archive, asked, answer } = await interrupted('"one"', bytes);
    answer(versioned('"one"', bytes));
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
    expect(asked).toEqual([undefined, '"one"']);
  });

  it("begins again if it is another", async () => {
    const { cache, archive, asked, answer } = await interrupted('"old"', Buffer.alloc(bytes.length, 7));
    answer(versioned('"new"', bytes));
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
    expect(asked).toEqual([undefined, '"old"']);
  });

  it("begins again if the server does not know If-Range but says so", async () => {
    const { cache, archive, answer } = await interrupted('"old"', Buffer.alloc(bytes.length, 7));
    answer((request, response) => {
      response.setHeader("etag", '"new"');
      sendFile(bytes)(request, response);
    });
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
  });

  it("is not asked for by a weak ETag", async () => {
    const { cache, archive, asked, answer } = await interrupted('W/"weak"', bytes);
    answer(sendFile(bytes));
    await fetchArchive(archive, cache);
    expectUnpacked(cache);
    expect(asked).toEqual([undefined, undefined]);
  });
});

describe("a silent server", () => {
  it("is asked again a few times, with a word each time, and given up", async () => {
    const cache = await temporaryFolder();
    let requests = 0;
    const url = await serve(() => void requests++); // no answer
    const notes: (string | undefined)[] = [];
    const options = { stallSeconds: 0.1, onProgress: ({ note }: DownloadProgress) => notes.push(note) };
    await expect(fetchArchive(describeArchive(bytes, url), cache, options)).rejects.toEqual(
      failure("DOWNLOAD", "nothing came for 0\\.1 s"),
    );
    expect(requests).toBe(4);
    expect(notes).toEqual(Array(3).fill("pictures.tar.gz: nothing came for 0.1 s; connecting again"));
    expect(readdirSync(cache)).toEqual([]);
  });

  it("in the middle of the file is asked for the rest", async () => {
    const cache = await temporaryFolder();
    const starts: (number | undefined)[] = [];
    const { answer } = cutting(bytes, 900); // and then nothing
    const url = await serve((request, response) => {
      starts.push(rangeStart(request.headers.range));
      (starts.length < 3 ? answer : sendFile(bytes))(request, response);
    });
    await fetchArchive(describeArchive(bytes, url), cache, { stallSeconds: 0.2 });
    expectUnpacked(cache);
    expect(starts).toEqual([undefined, 900, 1800]);
  });

  it("is no slow one", async () => {
    const cache = await temporaryFolder();
    const url = await serve(async (_, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      for (let at = 0; at < bytes.length; at += 300) {
        response.write(bytes.subarray(at, at + 300));
        await sleep(60);
      }
      response.end();
    });
    await fetchArchive(describeArchive(bytes, url), cache, { stallSeconds: 0.3 });
    expectUnpacked(cache);
  });
});
