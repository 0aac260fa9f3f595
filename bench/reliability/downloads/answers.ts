/** @file The ways in which a server answers a request for a file, good and bad. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Stream } from "../../../src/data/stream.ts";

type Give = (whole: Buffer, request: IncomingMessage, response: ServerResponse, random: Stream) => void;

export interface Answer {
  readonly name: string;
  /** Whether what looks like bytes of the file are such. */
  readonly honest: boolean;
  readonly give: Give;
}

function offsetOf({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
}

/** As a good server: the whole, or what a `Range` asks for. */
export function send(whole: Buffer, request: IncomingMessage, response: ServerResponse): void {
  head(whole, request, response);
  response.end(whole.subarray(offsetOf(request)));
}

function head(whole: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const from = offsetOf(request);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-type": "application/x-gzip",
    "content-length": whole.length - from,
    ...(from > 0 && { "content-range": `bytes ${from}-${whole.length - 1}/${whole.length}` }),
  });
}

const page = "<h1>Please log in</h1>";
const status =
  (code: number, headers: Record<string, string | number> = {}, body = page): Give =>
  (_, __, response) =>
    void response.writeHead(code, headers).end(body);
/** Some bytes of the file, and then this. */
const some =
  (then: (response: ServerResponse) => void): Give =>
  (whole, request, response, random) => {
    head(whole, request, response);
    const from = offsetOf(request);
    response.write(whole.subarray(from, from + random.below(whole.length - from)), () => then(response));
  };
const ranged =
  (rangeOf: (from: number, size: number) => string): Give =>
  (whole, request, response) => {
    const from = offsetOf(request);
    response
      .writeHead(206, { "content-range": rangeOf(from, whole.length) })
      .end(whole.subarray(0, whole.length - from));
  };

export const answers: readonly Answer[] = [
  { name: "the file", honest: true, give: send },
  {
    name: "the whole file, whatever is asked for",
    honest: true,
    give: (whole, _, response) => void response.writeHead(200).end(whole),
  },
  { name: "cut", honest: true, give: some((response) => setTimeout(() => response.destroy(), 5)) },
  { name: "cut", honest: true, give: some((response) => setTimeout(() => response.destroy(), 5)) },
  { name: "stalled", honest: true, give: some(() => {}) },
  { name: "silent", honest: true, give: () => {} },
  { name: "hung up", honest: true, give: (_, __, response) => void response.destroy() },
  { name: "404", honest: true, give: status(404) },
  { name: "403", honest: true, give: status(403, { "content-type": "text/html" }) },
  { name: "500", honest: true, give: status(500) },
  { name: "204", honest: true, give: status(204, {}, "") },
  { name: "416", honest: true, give: status(416) },
  { name: "redirected to itself", honest: true, give: status(302, { location: "/pictures.tar.gz" }) },
  { name: "redirected to nowhere", honest: true, give: status(302, { location: "http://127.0.0.1:9/" }) },
  { name: "a page", honest: true, give: status(200, { "content-type": "text/html; charset=utf-8" }) },
  { name: "a page of no type", honest: true, give: status(200, { "content-length": page.length }) },
  { name: "a page as part", honest: true, give: status(206, { "content-type": "text/html" }) },
  { name: "a page of no length", honest: true, give: status(200) },
  { name: "JSON", honest: true, give: status(200, { "content-type": "application/json" }, "{}") },
  { name: "gzipped on the way", honest: true, give: status(200, { "content-encoding": "gzip" }) },
  { name: "another range", honest: true, give: ranged((from, size) => `bytes ${from + 1}-${size - 1}/${size}`) },
  { name: "a range of another file", honest: true, give: ranged((from, size) => `bytes ${from}-${size}/${size + 1}`) },
  { name: "no range", honest: true, give: ranged(() => "nonsense") },
  {
    name: "another file of its length",
    honest: false,
    give: (whole, request, response) => send(Buffer.alloc(whole.length, 7), request, response),
  },
  {
    name: "a longer file",
    honest: false,
    give: (whole, _, response) => void response.writeHead(200).end(Buffer.concat([whole, whole])),
  },
  {
    name: "a version of its own",
    honest: false,
    give: (whole, request, response, random) => {
      response.setHeader("etag", `"${random.below(3)}"`);
      some((cut) => setTimeout(() => cut.destroy(), 5))(whole, request, response, random);
    },
  },
];
