/** @file The work of `limbeck ui`: pages of what a folder holds, for those who know the address. */
import { reasonOf } from "../../errors.ts";
import * as z from "zod/mini";
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { compareFolders } from "../../study/node/index.ts";
import { html, type Html } from "../../report/index.ts";
import { interruptible } from "../follow.ts";
import { readBody } from "../serve/guard.ts";
import { allows, refuse, refuseUnknown, send, sendJson, serveLocally, type Visit } from "../serve/local-server.ts";
import { printable } from "../../printable.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { actions, failures, runActions, studyActions, studyForm, type ActionContext, type Fields } from "./actions.ts";
import { comparePage } from "./compare-page.ts";
import { ShownFolder } from "./folder.ts";
import { overviewPage } from "./overview-page.ts";
import { Predictor } from "./predictions.ts";
import { runPage } from "./run-page.ts";
import { pageFiles } from "./shell.ts";
import { StartedProcesses } from "./started.ts";
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
  const context = { folder, started: new StartedProcesses(), predictor: new Predictor() };
  const files = pageFiles();
  const server = await serveLocally(port, async (visit) => {
    const { path: wanted, query, response } = visit;
    const file = files.get(wanted);
    if (Object.hasOwn(actions, wanted)) return act(visit, actions[wanted as keyof typeof actions], context);
    if (!file && !Object.hasOwn(pages, wanted)) return refuseUnknown(visit);
    if (!allows(visit, ["GET", "HEAD"])) return;
    if (file) return send(response, 200, file.type, Buffer.from(file.text));
    const page = await pages[wanted as keyof typeof pages](context, query);
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
    await context.started.close();
  }
}

const pages = {
  "": async ({ folder, started }) => overviewPage(await folder.overview(), failures(started), studyForm()),
  run: async ({ folder, started, predictor }, query) => {
    const run = await folder.run(query.get("id") ?? "");
    if (!run) return undefined;
    const networks = await folder.details(run);
    const predictions = query.has("images") ? predictor.section(run, networks) : imagesLink(run.id);
    return runPage({ run, networks, actions: runActions(run, started), predictions });
  },
  study: async ({ folder, started }, query) => {
    const study = await folder.study(query.get("id") ?? "");
    return study && studyPage(study, study.table, studyActions(study, started));
  },
  compare: async ({ folder }, query) => compared(folder, query.getAll("run")),
} as const satisfies Readonly<
  Record<string, (context: PageContext, query: URLSearchParams) => Promise<Html | undefined>>
>;

interface PageContext extends ActionContext {
  readonly predictor: Predictor;
}

/** NOTE: images are loaded and classified for those who want to see some: both take memory and time. */
function imagesLink(id: string): Html {
  return html`<p><a href="run?id=${encodeURIComponent(id)}&images">Show what it predicts of a few images</a></p>`;
}

/** Bytes of a form. */
const MOST_FORM = 2 ** 17;
const fields = z.record(z.string(), z.string());

/** NOTE: what is to be done has to come from this page, and says so: a form of another page can neither know the token nor send JSON, and its Origin is another. */
async function act(
  visit: Visit,
  action: (context: ActionContext, fields: Fields) => Promise<string>,
  context: ActionContext,
): Promise<void> {
  const { request, response } = visit;
  if (!allows(visit, ["POST"])) return;
  const { origin } = request.headers;
  if (origin === undefined) return refuse(response, 403, "ARGUMENT", "only this page may ask for that");
  if (request.headers["content-type"] !== "application/json") return refuse(response, 415, "ARGUMENT", "only JSON");
  const body = new TextDecoder().decode(await readBody(request, MOST_FORM, "the form"));
  const given = fields.safeParse(parsed(body));
  if (!given.success) return refuse(response, 422, "ARGUMENT", "the fields should be texts by their names, as JSON");
  sendJson(response, 200, { text: printable(await action(context, given.data)) });
}

function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch {
    return undefined;
  }
}

async function compared(folder: ShownFolder, ids: readonly string[]): Promise<Html> {
  const found = await Promise.all([...new Set(ids)].slice(0, MOST_COMPARED).map((id) => folder.run(id)));
  const runs = found.filter((run) => run !== undefined);
  const chosen = await Promise.all(runs.map(async (run) => ({ id: run.id, networks: await folder.details(run) })));
  const finished = runs.filter(({ networks }) => networks.length > 0 && networks.every(({ isDone }) => isDone));
  try {
    const { groups } = finished.length > 0 ? await compareFolders(finished.map((run) => run.folder)) : { groups: [] };
    return comparePage(chosen, groups, undefined);
  } catch (error) {
    return comparePage(chosen, [], reasonOf(error));
  }
}

/** In a few bytes where the reader has it already. */
function sendPage({ request, response }: Visit, { text }: Html): void {
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  response.setHeader("ETag", etag);
  if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
  send(response, 200, "text/html; charset=utf-8", Buffer.from(text));
}
