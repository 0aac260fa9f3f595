/** @file How much memory this process can still have before the system ends it. */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** In bytes. A container's limit counts. Infinite but on Linux: other systems compress and swap, and their figures do not say how much. */
export function availableMemory(): number {
  if (process.platform !== "linux") return Infinity;
  const system = read("/proc/meminfo");
  const swap = 1024 * figure(system, "SwapFree:");
  const free = 1024 * figure(system, "MemAvailable:") + swap;
  const limit = process.constrainedMemory();
  if (!(limit > 0 && limit < totalmem())) return free;
  const { droppable, groupSwap } = controlGroup();
  return Math.min(free, process.availableMemory() + droppable + Math.min(swap, groupSwap));
}

/** Of the control group: the pages of files, which count as used and are dropped when memory is short, and swap to be had. */
function controlGroup(): { readonly droppable: number; readonly groupSwap: number } {
  const groups = read("/proc/self/cgroup");
  const first = /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m.exec(groups)?.[1];
  const root = first === undefined ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
  const path = first ?? /^0::(.*)$/m.exec(groups)?.[1] ?? "";
  // In a container the path may be the host's, and the container's own group the root.
  const folder = [root + path, root].find((folder) => read(`${folder}/memory.stat`) !== "") ?? root;
  const statistics = read(`${folder}/memory.stat`);
  const prefix = first === undefined ? "" : "total_";
  const swapLimit = read(`${folder}/memory.swap.max`).trim();
  return {
    droppable: figure(statistics, `${prefix}inactive_file`) + figure(statistics, `${prefix}active_file`),
    groupSwap:
      swapLimit === "max" ? Infinity : Math.max(0, Number(swapLimit) - Number(read(`${folder}/memory.swap.current`))),
  };
}

/** The number that follows a name at the start of a line; 0 if there is none. */
function figure(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** A file's text; empty if it cannot be read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
