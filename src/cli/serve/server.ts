/** @file The page's files, and the networks' predictions for pictures, in turn. */
import { readFile } from "node:fs/promises";
import { readBody } from "./guard.ts";
import {
  allows,
  refuse,
  refuseUnknown,
  send,
  sendJson,
  serveLocally,
  type LocalServer,
  type Visit,
} from "./local-server.ts";

/** A phone's photograph has less. */
const MOST_BYTES = 2 ** 24;
/** Pictures that are being read or wait for their turn. */
const MOST_AT_ONCE = 16;

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
export async function servePage({ port, files, about, answers }: PageSettings): Promise<LocalServer> {
  const inTurn = turns();
  let accepted = 0;

  /** One picture: its body read, then its turn waited for. */
  async function classify({ request, response }: Visit): Promise<void> {
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

  return serveLocally(port, async (visit) => {
    const { path, response } = visit;
    const file = files.get(path);
    if (path !== "classify" && path !== "networks" && !file) return refuseUnknown(visit);
    if (!allows(visit, path === "classify" ? ["POST"] : ["GET", "HEAD"])) return;
    if (path === "classify") return classify(visit);
    if (path === "networks") return sendJson(response, 200, { ...about, mostBytes: MOST_BYTES });
    send(response, 200, file!.type, file!.bytes);
  });
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
