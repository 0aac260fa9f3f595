/** @file Whether a process that a file names is still the one that wrote it. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

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
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return "dead";
  }
  if (started === null) return undefined;
  try {
    const now = readStat(pid);
    // Killed, but its parent has not heard of it yet.
    if (now.state === "Z" || now.state === "X") return "dead";
    return now.started === started ? "alive" : "dead";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "dead" : undefined;
  }
}

/** See proc(5): the name in brackets may hold anything, so the fields are counted after it. */
function readStat(pid: number): { readonly state: string; readonly started: string } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0]!, started: fields[19]! };
}
