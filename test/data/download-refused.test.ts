/** @file Servers that answer with something else than the published file. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fetchArchive } from "../../src/data/node/archive.ts";
import type { Archive } from "../../src/data/node/unpack.ts";
import type { DownloadProgress } from "../../src/data/node/download.ts";
import { rangeStart, sendFile, serve, temporaryFolder } from "./archive-server.ts";
import { bytes, expectUnpacked, failure } from "./picture-archive.ts";
import { describeArchive } from "./tar-file.ts";

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
