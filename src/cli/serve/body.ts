/** @file What a request brings, up to a bound. */
import type { IncomingMessage } from "node:http";
import { LimbeckError } from "../../errors.ts";

/** The whole body. Throws DATA_FORMAT for more than `most` bytes, before they are read where the request says how many they are. */
export async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array> {
  if (Number(request.headers["content-length"]) > most) throw tooLarge(most);
  const chunks: Uint8Array[] = [];
  let length = 0;
  // NOTE: by default, leaving the loop would close the connection that the refusal has to go through.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A body beyond the bound. */
export class TooLarge extends LimbeckError {}

function tooLarge(most: number): TooLarge {
  const message = `the picture's file should have at most ${most} bytes, ${most / 2 ** 20} MiB; make it smaller`;
  return new TooLarge("DATA_FORMAT", message);
}
