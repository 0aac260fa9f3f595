/** @file Whether a server's answer is the published file, or the rest of it. */
import type { Source } from "./checksums.ts";

/** Why an attempt failed, and so what to do: `other` is not retried, `range` from the beginning, `stalled` and `cut` from where it was. */
export type FaultKind = "other" | "range" | "stalled" | "cut";

/** A failed attempt. */
export class Fault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What of the file an answer brings. */
export interface Answer {
  readonly body: ReadableStream<Uint8Array>;
  /** The byte that it begins with. */
  readonly offset: number;
  /** Which version of the file it is, if the server says: a strong ETag, else the date. */
  readonly tag: string | undefined;
  /** Whether an answer that is cut short is seen to be. */
  readonly hasLength: boolean;
}

/** Looks at an answer before anything of it is read. `offset` and `tag` are of what is there already. Throws a Fault. */
export function checkAnswer(source: Source, response: Response, offset: number, tag: string | undefined): Answer {
  const { status, headers, body } = response;
  if (offset > 0 && status === 416) throw new Fault("range", "the server has no more bytes than came before");
  if (!body || (status !== 200 && (status !== 206 || offset === 0))) {
    throw new Fault("other", `the server answered ${status} ${response.statusText}`.trim());
  }
  const type = headers.get("content-type") ?? "";
  const isPage = /\.(html|json)$/i.test(new URL(source.url).pathname); // the file itself is one
  if (!isPage && /^\s*(text\/html|application\/(xhtml|json))/i.test(type)) {
    throw new Fault("other", `the server sent a page (${type}) instead of the file; does the network ask for a login?`);
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw new Fault("other", `the server changed the file on the way (${encoding})`);
  const begin = status === 206 ? offset : 0;
  const answered = tagOf(headers);
  if (begin > 0) {
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    if (Number(from) !== begin) throw new Fault("range", "the server did not go on where the download was cut off");
    if (total !== "*" && Number(total) !== source.size) throw new Fault("range", "the server has another file by now");
    if (tag && answered && tag !== answered)
      throw new Fault("range", "the server has another version of the file by now");
  }
  const length = headers.get("content-length");
  if (length !== null && Number(length) !== source.size - begin) {
    throw new Fault(
      begin > 0 ? "range" : "other",
      `the server sends ${length} bytes, expected ${source.size - begin}: it is another file`,
    );
  }
  return { body, offset: begin, tag: answered, hasLength: length !== null };
}

/** NOTE: a weak ETag does not promise the same bytes, so it cannot be asked for with If-Range. */
function tagOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  return (tag?.startsWith('"') ? tag : headers.get("last-modified")) ?? undefined;
}
