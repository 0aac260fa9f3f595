/** @file Signs of life: whether a process that a file names is still the one that wrote it, and how this one shows that it is. */
import { systemCode } from "../../errors.ts";
import type * as Files from "node:fs";
import type * as Threads from "node:worker_threads";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { Worker } from "node:worker_threads";
import { addressesLeft, threadAddresses } from "../../address-space.ts";

/** Where ids of processes mean the same, and when this one was started, in that place's time. */
export interface ProcessPlace {
  /** `null` where other processes cannot be looked at. */
  readonly place: string | null;
  /** `null` where it cannot be known. */
  readonly started: string | null;
}

/** Of this process. On Linux a place is a boot of the machine and a namespace of process ids: each container has its own. */
export function processPlace(): ProcessPlace {
  if (process.platform !== "linux") return { place: hostname(), started: null };
  try {
    // NOTE: /proc may be that of another namespace, and tell of other processes.
    if (readlinkSync("/proc/self") !== String(process.pid)) return { place: null, started: null };
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { place: `${boot} ${readlinkSync("/proc/self/ns/pid")}`, started: readStat(process.pid).started };
  } catch {
    return { place: null, started: null };
  }
}

/** The state of another process of this place; `undefined` if it cannot be told whether it is the one that was started then. */
export function processState(pid: number, started: string | null): "alive" | "dead" | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return "dead";
  }
  if (started === null) return undefined;
  try {
    const now = readStat(pid);
    // Killed, but its parent has not heard of it yet.
    if (now.state === "Z" || now.state === "X") return "dead";
    return now.started === started ? "alive" : "dead";
  } catch (error) {
    return systemCode(error) === "ENOENT" ? "dead" : undefined;
  }
}

/** See proc(5): the name in brackets may hold anything, so the fields are counted after it. */
function readStat(pid: number): { readonly state: string; readonly started: string } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const { 0: state = "", 19: started = "" } = fields;
  return { state, started };
}

const BEAT_MILLISECONDS = 1000;

/**
 * Sets the file's date each second while it holds `token`; calls `onLost`, once, when it is gone or holds another. On a
 * thread of its own, because this one may compute for minutes. Returns what stops it.
 */
export function heartbeat(path: string, token: string, onLost: () => void): () => Promise<void> {
  // NOTE: V8 would end the process. Without a thread for it the file only looks abandoned to other machines.
  if (addressesLeft() < threadAddresses) return async () => undefined;
  const beating = { path, token, milliseconds: BEAT_MILLISECONDS };
  const program = `(${beat.toString()})(require("node:fs"), require("node:worker_threads"))`;
  const worker = new Worker(program, { eval: true, execArgv: [], workerData: beating });
  worker.once("message", onLost);
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
