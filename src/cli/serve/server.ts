/** @file The server of the page and its files: on the loopback alone, for those who know its address. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { LimbeckError } from "../../errors.ts";
import { readBody, TooLarge, admission, newToken } from "./guard.ts";

/** A phone's photograph has less. */
export const MOST_BYTES = 2 ** 24;
/** Pictures that are being read or wait for their turn. */
const MOST_AT_ONCE = 16;
/** How long a whole request may take to come in, in milliseconds. */
const REQUEST_TIME = 10_000;

const headers = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
} as const;

export interface ServedPage {
  /** With its token. */
  readonly address: string;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

export interface PageSettings {
  /** 0 for any that is free. */
  readonly port: number;
  readonly files: ReadonlyMap<string, PageFile>;
  /** For the page: the networks, and those that are missing. */
  readonly about: object;
  /** Their predictions for a picture's file; called for one picture at a time. */
  readonly answers: (picture: Uint8Array) => Promise<unknown>;
}

/** Throws ARGUMENT for a port that cannot be had. */
export async function servePage({ port, files, about, answers }: PageSettings): Promise<ServedPage> {
  const token = newToken();
  const inTurn = turns();
  let accepted = 0;

  /** One picture: its body read, then its turn waited for. */
  async function classify(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (accepted === MOST_AT_ONCE) {
      response.setHeader("Retry-After", "1");
      return refuse(response, 503, "ENGINE", `${MOST_AT_ONCE} pictures are being classified; try again in a second`);
    }
    accepted++;
    try {
      const picture = await readBody(request, MOST_BYTES);
      await inTurn(async () => {
        // The client may have gone while it waited.
        if (!response.destroyed) sendJson(response, 200, { answers: await answers(picture) });
      });
    } finally {
      accepted--;
    }
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const admitted = admission(request, token, boundPort);
    if ("refused" in admitted) return refuse(response, admitted.refused, "ARGUMENT", admitted.why);
    const { path } = admitted;
    const file = files.get(path);
    if (path !== "classify" && path !== "networks" && !file) {
      return refuse(response, 404, "ARGUMENT", "nothing is here; open the whole address that limbeck serve printed");
    }
    const allowed = path === "classify" ? ["POST"] : ["GET", "HEAD"];
    if (!allowed.includes(request.method!)) {
      response.setHeader("Allow", allowed.join(", "));
      return refuse(response, 405, "ARGUMENT", `only ${allowed.join(" and ")}`);
    }
    if (path === "classify") return classify(request, response);
    if (path === "networks") return sendJson(response, 200, { ...about, mostBytes: MOST_BYTES });
    send(response, 200, file!.type, file!.bytes);
  }

  const server = createServer({
    requestTimeout: REQUEST_TIME,
    headersTimeout: 5_000,
    connectionsCheckingInterval: 1000,
  });
  server.maxConnections = 256;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    respond(request, response).catch((error: unknown) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(taken(port, error)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: boundPort } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${boundPort}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One piece of work after the other, in the order in which they were given. */
function turns(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

function fail(response: ServerResponse, error: unknown): void {
  // The connection may be what failed.
  if (response.destroyed || response.headersSent) return void response.destroy();
  const { message } = error as Error;
  if (error instanceof TooLarge) return refuse(response, 413, error.code, message);
  if (!(error instanceof LimbeckError)) return refuse(response, 500, "UNEXPECTED", message);
  refuse(response, error.code === "DATA_FORMAT" ? 422 : 500, error.code, message);
}

/** NOTE: the connection is closed, so that nothing more is taken of a body that was refused. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  if (!response.req.complete) {
    response.setHeader("Connection", "close");
    response.req.resume();
  }
  sendJson(response, status, { error: { code, message } });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json; charset=utf-8", Buffer.from(JSON.stringify(value)));
}

function send(response: ServerResponse, status: number, type: string, bytes: Uint8Array): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": bytes.length });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

function taken(port: number, cause: Error): LimbeckError {
  const message = `port ${port} of 127.0.0.1 cannot be had: ${cause.message}; give another --port, or none for any that is free`;
  return new LimbeckError("ARGUMENT", message, { cause });
}

/** A file that is served. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const [html, script] = ["text/html; charset=utf-8", "text/javascript; charset=utf-8"] as const;
const shared = new URL("../../ship/web/files/", import.meta.url);
const here = new URL("./files/", import.meta.url);

/** By their paths below the page's address; nothing else is ever read. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const files = [
    ["", new URL("index.html", shared), html],
    ["page.js", new URL("page.js", here), script],
    ["start.js", new URL("start.js", shared), script],
    ["view.js", new URL("view.js", shared), script],
    ["page.css", new URL("page.css", shared), "text/css; charset=utf-8"],
    ["icon.svg", new URL("icon.svg", shared), "image/svg+xml"],
  ] as const;
  return new Map(
    await Promise.all(files.map(async ([path, from, type]) => [path, { type, bytes: await readFile(from) }] as const)),
  );
}
