/** @file A server on the loopback alone, for those who know its address: who is admitted, what every answer says of itself, and how errors are answered. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { admission, newToken, TooLarge } from "./guard.ts";

/** How long a whole request may take to come in, in milliseconds. */
const REQUEST_TIME = 10_000;

const headers = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
} as const;

export interface LocalServer {
  /** With its token. */
  readonly address: string;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

/** An admitted request. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Below the address, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Listens on a port, 0 for any that is free, and has admitted requests answered. Throws ARGUMENT for a port that cannot be had. */
export async function serveLocally(port: number, answer: (visit: Visit) => Promise<void>): Promise<LocalServer> {
  const token = newToken();
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const admitted = admission(request, token, boundPort);
    if ("refused" in admitted) return refuse(response, admitted.refused, "ARGUMENT", admitted.why);
    const [, query = ""] = request.url!.split("?", 2);
    await answer({ request, response, path: admitted.path, query: new URLSearchParams(query) });
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

/** Whether the method is allowed; else the request is refused. */
export function allows({ request, response }: Visit, methods: readonly string[]): boolean {
  if (methods.includes(request.method!)) return true;
  response.setHeader("Allow", methods.join(", "));
  refuse(response, 405, "ARGUMENT", `only ${methods.join(" and ")}`);
  return false;
}

/** Refuses a request for what is not there. */
export function refuseUnknown({ response }: Visit): void {
  refuse(response, 404, "ARGUMENT", "nothing is here; open the whole address that was printed");
}

function fail(response: ServerResponse, error: unknown): void {
  // The connection may be what failed.
  if (response.destroyed || response.headersSent) return void response.destroy();
  const message = reasonOf(error);
  if (error instanceof TooLarge) return refuse(response, 413, error.code, message);
  if (!(error instanceof LimbeckError)) return refuse(response, 500, "UNEXPECTED", message);
  refuse(response, statuses[error.code] ?? 500, error.code, message);
}

const statuses: Readonly<Record<string, number>> = { DATA_FORMAT: 422, CONFIG: 422, ARGUMENT: 422, OUTPUT: 422 };

/** NOTE: the connection is closed, so that nothing more is taken of a body that was refused. */
export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  if (!response.req.complete) {
    response.setHeader("Connection", "close");
    response.req.resume();
  }
  sendJson(response, status, { error: { code, message } });
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json; charset=utf-8", Buffer.from(JSON.stringify(value)));
}

export function send(response: ServerResponse, status: number, type: string, bytes: Uint8Array): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": bytes.length });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

function taken(port: number, cause: Error): LimbeckError {
  const message = `port ${port} of 127.0.0.1 cannot be had: ${cause.message}; give another --port, or none for any that is free`;
  return new LimbeckError("ARGUMENT", message, { cause });
}
