import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fetchArchive, type Archive } from "../../src/data/node/archive.ts";
import type { DownloadProgress } from "../../src/data/node/download.ts";
import { takeLock } from "../../src/data/node/lock.ts";
import { cutting, rangeStart, sendFile, serve, temporaryFolder } from "./archive-server.ts";
import { describeArchive, tar, tarEntry } from "./tar-file.ts";

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
  expect(readdirSync(join(cache, "pictures")).toSorted()).toEqual(["SHA256SUMS", "a.bin", "b.txt"]);
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

describe("a server that has something else", () => {
  const first = bytes.subarray(0, 500);
  const withPart = async (): Promise<string> => {
    const cache = await temporaryFolder();
    writeFileSync(join(cache, "pictures.tar.gz.part"), first);
    return cache;
  };

  it.each<[string, RequestListener]>([
    ["404", (_, response) => response.writeHead(404).end("gone")],
    ["503", (_, response) => response.writeHead(503).end()],
    [
      "a page (text/html",
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("please log in"),
    ],
    [
      "19 bytes, expected",
      (_, response) => response.writeHead(200, { "content-length": 19 }).end("<p>please log in</p"),
    ],
    [
      "changed the file",
      (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("other")),
    ],
  ])("is told from the file (%s), and what came before is kept", async (answer, listener) => {
    const cache = await withPart();
    const archive = describeArchive(bytes, await serve((request, response) => void listener(request, response)));
    const part = join(cache, "pictures.tar.gz.part");
    await expect(fetchArchive(archive, cache)).rejects.toEqual(
      failure("DOWNLOAD", answer.replace("(", "\\("), `what came is kept: 500 bytes, ${part}`),
    );
    expect(readFileSync(part)).toEqual(first);
  });

  it("leaves nothing that could be taken for a start, and says nothing of it", async () => {
    const cache = await temporaryFolder();
    const page = "<p>please log in</p";
    for (const headers of [{ "content-type": "text/html" }, {}, { "content-length": page.length }]) {
      const url = await serve((_, response) => void response.writeHead(200, headers).end(page));
      const refused = await fetchArchive(describeArchive(bytes, url), cache).catch((error: Error) => error);
      expect(refused).toMatchObject({ code: "DOWNLOAD", message: expect.not.stringContaining("kept") });
      expect(readdirSync(cache)).toEqual([]);
    }
  });

  it.each<[string, RequestListener]>([
    ["416", (_, response) => response.writeHead(416).end()],
    ["another range", (_, response) => response.writeHead(206, { "content-range": "bytes 0-9/10" }).end("ten bytes.")],
    [
      "another whole",
      (_, response) =>
        response.writeHead(206, { "content-range": `bytes 500-${bytes.length}/${bytes.length + 1}` }).end("x"),
    ],
  ])("is asked for all of it after %s to a part, with a word", async (_, listener) => {
    const cache = await withPart();
    const ranges: (number | undefined)[] = [];
    const url = await serve((request, response) => {
      ranges.push(rangeStart(request.headers.range));
      void (ranges.length === 1 ? listener : sendFile(bytes))(request, response);
    });
    const notes: string[] = [];
    const onProgress = ({ note }: DownloadProgress): unknown => note !== undefined && notes.push(note);
    await fetchArchive(describeArchive(bytes, url), cache, { onProgress });
    expectUnpacked(cache);
    expect(ranges).toEqual([500, undefined]);
    expect(notes).toEqual([expect.stringMatching(/^pictures\.tar\.gz: the server .*; beginning again$/)]);
  });

  it("even for all of it, is given up, and what came before is kept", async () => {
    const cache = await withPart();
    let requests = 0;
    const url = await serve((_, response) => {
      requests++;
      response.writeHead(416).end();
    });
    await expect(fetchArchive(describeArchive(bytes, url), cache)).rejects.toEqual(
      failure("DOWNLOAD", "416", "kept: 500 bytes"),
    );
    expect(requests).toBe(2);
    expect(readFileSync(join(cache, "pictures.tar.gz.part"))).toEqual(first);
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
