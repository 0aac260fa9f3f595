/** @file The work of `limbeck ui`: pages of what a folder holds, for those who know the address. */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { compareFolders } from "../../study/node/index.ts";
import type { Html } from "../../report/index.ts";
import { interruptible } from "../follow.ts";
import { allows, refuse, refuseUnknown, send, serveLocally, type Visit } from "../serve/local-server.ts";
import { comparePage } from "./compare-page.ts";
import { ShownFolder } from "./folder.ts";
import { overviewPage } from "./overview-page.ts";
import { runPage } from "./run-page.ts";
import { pageFiles } from "./shell.ts";
import { studyPage } from "./study-page.ts";

/** Runs that are compared at once. */
const MOST_COMPARED = 24;

/** Shows a folder until Ctrl-C; `onReady` is called with the address. Throws ARGUMENT for a port that cannot be had. */
export async function showFolder(
  path: string,
  port: number,
  onReady: (address: string) => Promise<void>,
): Promise<void> {
  // A link that was given as the folder is meant; those inside are not followed.
  const folder = new ShownFolder(await realpath(path).catch(() => resolve(path)));
  const files = pageFiles();
  const server = await serveLocally(port, async (visit) => {
    const { path: wanted, query, response } = visit;
    const file = files.get(wanted);
    if (!file && !Object.hasOwn(pages, wanted)) return refuseUnknown(visit);
    if (!allows(visit, ["GET", "HEAD"])) return;
    if (file) return send(response, 200, file.type, Buffer.from(file.text));
    const page = await pages[wanted as keyof typeof pages](folder, query);
    if (page) return sendPage(visit, page);
    refuse(response, 404, "ARGUMENT", `there is no such ${wanted} below ${folder.root}`);
  });
  try {
    await interruptible(
      async (signal) => {
        const stopped = new Promise((done) => signal.addEventListener("abort", done));
        await onReady(server.address);
        await stopped;
      },
      () => {},
    );
  } finally {
    await server.close();
  }
}

const pages = {
  "": async (folder: ShownFolder) => overviewPage(await folder.overview(), false),
  run: async (folder: ShownFolder, query: URLSearchParams) => {
    const run = await folder.run(query.get("id") ?? "");
    return run && runPage({ run, networks: await folder.details(run), actions: false, predictions: false });
  },
  study: async (folder: ShownFolder, query: URLSearchParams) => {
    const study = await folder.study(query.get("id") ?? "");
    return study && studyPage(study, study.table, false);
  },
  compare: async (folder: ShownFolder, query: URLSearchParams) => compared(folder, query.getAll("run")),
} as const satisfies Readonly<
  Record<string, (folder: ShownFolder, query: URLSearchParams) => Promise<Html | undefined>>
>;

async function compared(folder: ShownFolder, ids: readonly string[]): Promise<Html> {
  const found = await Promise.all([...new Set(ids)].slice(0, MOST_COMPARED).map((id) => folder.run(id)));
  const runs = found.filter((run) => run !== undefined);
  const chosen = await Promise.all(runs.map(async (run) => ({ id: run.id, networks: await folder.details(run) })));
  const finished = runs.filter(({ networks }) => networks.length > 0 && networks.every(({ isDone }) => isDone));
  try {
    const groups = finished.length > 0 ? await compareFolders(finished.map((run) => run.folder)) : [];
    return comparePage(chosen, groups, undefined);
  } catch (error) {
    return comparePage(chosen, [], (error as Error).message);
  }
}

/** In a few bytes where the reader has it already. */
function sendPage({ request, response }: Visit, { text }: Html): void {
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  response.setHeader("ETag", etag);
  if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
  send(response, 200, "text/html; charset=utf-8", Buffer.from(text));
}
