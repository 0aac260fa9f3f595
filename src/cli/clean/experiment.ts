/** @file What an experiment's folder no longer needs. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { experimentState, openFolder } from "../../experiment/node/index.ts";
import type { Found, Removable } from "./cleaning.ts";

const KILLED = "left by a process that was killed";

/** Of a folder that no process works on. Students, records and reports are never among it, nor what lies behind a link. */
export async function experimentCleaning(folder: string): Promise<Found> {
  const state = await experimentState(folder);
  if (!state) return { cleanings: [], kept: [] };
  const { holder, files } = state;
  if (holder !== undefined) return { cleanings: [], kept: [`${folder} is under way by ${holder}`] };
  const finished = new Set(state.runs.flatMap((run) => (run.state === "done" ? run.name : [])));
  const whyOf = (path: string): string | undefined => {
    const run = /^([^/]+)\/checkpoint-[12]$/.exec(path)?.[1];
    if (run !== undefined && finished.has(run))
      return `checkpoint of a finished run${state.config["extendable"] === true ? ", which --resume with more --epochs needs" : ""}`;
    return path.endsWith(".part") || path === "lock" || path === "lock.takeover" ? KILLED : undefined;
  };
  const removable = files.flatMap(({ path, bytes }): (Removable & { readonly inside: string })[] => {
    const why = whyOf(path);
    return why === undefined ? [] : [{ path: join(folder, path), inside: path, bytes, why }];
  });
  if (removable.length === 0) return { cleanings: [], kept: [] };
  const remove = async (): Promise<void> => {
    // The lock that was left goes with it.
    const opened = await openFolder(folder);
    try {
      const paths = removable.map(({ inside }) => inside).filter((path) => !path.startsWith("lock"));
      await opened.remove(paths);
      // Those that the manifest does not know.
      for (const path of paths) await rm(join(folder, path), { force: true });
    } finally {
      await opened.close();
    }
  };
  return { cleanings: [{ removable, remove }], kept: [] };
}
