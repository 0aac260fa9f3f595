/** @file Whether a request may be answered: it knows the token, and it was sent to this address by its page or by hand. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** 192 random bits that fit an address. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** What is asked for below the token, or the status that refuses the request. */
export type Admission = { readonly path: string } | { readonly refused: 403 | 404 | 421; readonly why: string };

/**
 * The token is the first part of the path and is compared in constant time. The Host header has to name the loopback: a page that has
 * its own name point there (DNS rebinding) sends that name. The Origin, where there is one, has to be the same.
 */
export function admission({ url = "", headers }: IncomingMessage, token: string, port: number): Admission {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = headers;
  if (host === undefined || !hosts.includes(host)) {
    return { refused: 421, why: `the Host should be ${hosts.join(" or ")}` };
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return { refused: 403, why: "a request of another page" };
  }
  const [, given = "", ...rest] = url.split("?", 1)[0]!.split("/");
  if (!timingSafeEqual(digest(given), digest(token)) || rest.length === 0) {
    return { refused: 404, why: "nothing is here; open the whole address that limbeck serve printed" };
  }
  return { path: rest.join("/") };
}

/** So that both have one length. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
