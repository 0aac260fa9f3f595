/** @file Requests to a page's server, of which everything can be wrong. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Asks the server at `address`; `path` is sent as it is. */
export function request(
  address: string,
  path: string,
  { method = "GET", headers = {}, body }: RequestOptions = {},
): Promise<Reply> {
  const { port } = new URL(address);
  return new Promise((settle, fail) => {
    const sent = httpRequest({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => settle({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    sent.on("error", fail);
    sent.end(body);
  });
}
