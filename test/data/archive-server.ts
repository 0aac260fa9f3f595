/** @file A real server on 127.0.0.1, and the ways in which a server can fail. */
import { mkdtemp, rm } from "node:fs/promises";
import type { RequestListener, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { listening } from "../browser/listening.ts";

/** Serves until the test ends; returns the address of `pictures.tar.gz`. */
export async function serve(answer: RequestListener): Promise<string> {
  const { origin, close } = await listening(answer);
  onTestFinished(close);
  return `${origin}/pictures.tar.gz`;
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
