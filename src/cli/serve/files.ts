/** @file The files of the page: its own script, and what it shares with the page of a student for the web. */
import { readFile } from "node:fs/promises";

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
