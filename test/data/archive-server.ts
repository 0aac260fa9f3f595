/** @file A real server on 127.0.0.1 with a real small archive, and the ways in which a server can fail. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Header, type HeaderData } from "tar";
import { onTestFinished } from "vitest";
import type { Archive } from "../../src/data/node/archive.ts";

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

/** Serves until the test ends; returns the address of `pictures.tar.gz`. */
export async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/pictures.tar.gz`;
}

/** Answers as a good server: the whole, or what a `Range` asks for. */
export function sendFile(bytes: Buffer): RequestListener {
  return (request, response) => {
    const from = rangeStart(request.headers.range);
    if (from === undefined) return void response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    response
      .writeHead(206, {
        "content-length": bytes.length - from,
        "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      })
      .end(bytes.subarray(from));
  };
}

/** A server that announces the rest of the file, sends `count` bytes of it, and hangs up once told that they came. */
export function cutting(
  bytes: Buffer,
  count: number,
): { readonly answer: RequestListener; readonly hangUp: () => void } {
  const open: ServerResponse[] = [];
  return {
    answer: (request, response) => {
      const from = rangeStart(request.headers.range) ?? 0;
      response.writeHead(from > 0 ? 206 : 200, {
        "content-length": bytes.length - from,
        ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      });
      response.write(bytes.subarray(from, from + count));
      open.push(response);
    },
    hangUp: () => {
      for (const response of open.splice(0)) response.destroy();
    },
  };
}

export function rangeStart(range: string | undefined): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(range ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

/** An empty folder, removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "limbeck-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
