/** @file Whether a request may be answered: it knows the token, it was sent to this address by its page or by hand, and its body is not too large. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { LimbeckError } from "../../errors.ts";

/** 192 random bits that fit an address. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** What is requested below the token, or the status that refuses the request. */
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
  const [, first = "", ...rest] = url.split("?", 1)[0]!.split("/");
  if (!timingSafeEqual(digest(first), digest(token)) || rest.length === 0) {
    return { refused: 404, why: "nothing is here; open the whole address that was printed" };
  }
  return { path: rest.join("/") };
}

/** So that both have one length. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The whole body. Throws DATA_FORMAT for more than `most` bytes, before they are read where the request says how many they are. */
export async function readBody(
  request: IncomingMessage,
  most: number,
  what = "the picture's file",
): Promise<Uint8Array> {
  if (Number(request.headers["content-length"]) > most) throw tooLarge(most, what);
  const chunks: Uint8Array[] = [];
  let length = 0;
  // NOTE: by default, leaving the loop would close the connection that the refusal has to go through.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > most) throw tooLarge(most, what);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A body beyond the bound. */
export class TooLarge extends LimbeckError {}

function tooLarge(most: number, what: string): TooLarge {
  const message = `${what} should have at most ${most} bytes, ${most / 2 ** 20} MiB; make it smaller`;
  return new TooLarge("DATA_FORMAT", message);
}
