/** @file Shows others that this process is alive: the date of a file, set anew each second. */
import type * as Files from "node:fs";
import { Worker } from "node:worker_threads";
import type * as Threads from "node:worker_threads";

const BEAT_MILLISECONDS = 1000;

/**
 * Sets the file's date each second while it holds `token`; calls `onLost`, once, when it is gone or holds another. On a
 * thread of its own, because this one may compute for minutes. Returns what stops it.
 */
export function heartbeat(path: string, token: string, onLost: () => void): () => Promise<void> {
  const beating = { path, token, milliseconds: BEAT_MILLISECONDS };
  const program = `(${beat.toString()})(require("node:fs"), require("node:worker_threads"))`;
  const worker = new Worker(program, { eval: true, execArgv: [], workerData: beating });
  worker.once("message", onLost);
  // Without a thread for it the file only looks abandoned to other machines.
  worker.once("error", () => undefined);
  worker.unref();
  return async () => void (await worker.terminate());
}

/** NOTE: becomes a program of its own, so it may use nothing from around it. */
function beat({ readFileSync, utimesSync }: typeof Files, { parentPort, workerData }: typeof Threads): void {
  const { path, token, milliseconds } = workerData as { path: string; token: string; milliseconds: number };
  const timer = setInterval(() => {
    try {
      if (readFileSync(path, "utf8").includes(token)) return utimesSync(path, new Date(), new Date());
    } catch (error) {
      // A file system that fails for a moment is not a lost file.
      if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return;
    }
    clearInterval(timer);
    parentPort!.postMessage("lost");
  }, milliseconds);
}
