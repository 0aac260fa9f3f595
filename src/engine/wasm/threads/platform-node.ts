/** @file Node: its threads, V8's switches for WebAssembly, and how much memory the system has left. */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";
import { addressesLeft, threadAddresses } from "../../../address-space.ts";
import { LimbeckError, reasonOf } from "../../../errors.ts";
import type { Platform, Report, Thread } from "./protocol.ts";

export function nodePlatform(): Platform {
  const major = Number.parseInt(process.versions.node, 10);
  // Before Node 22, fused multiply-add is still behind a switch.
  if (major < 22) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return {
    name: `Node ${process.versions.node}`,
    processors: availableParallelism(),
    canShare: true,
    canWiden: major >= 24,
    availableMemory,
    addressesLeft,
    threadAddresses: threadAddresses + (extension === "ts" ? typeStrippingAddresses : 0),
    start: startWorker,
    nextTurn: (next) => void setImmediate(next),
    compile: async (bytes, wide) => {
      // NOTE: Only switches that cannot hurt other WebAssembly of the process, which may be running now: turning Liftoff
      // or inlining off in mid-flight crashes V8. Code becomes fast when V8 has seen it run a little; this makes it soon.
      v8.setFlagsFromString("--wasm-tiering-budget=1000");
      // Takes part when the optimising compiler comes to a function, so it stays on.
      if (wide) v8.setFlagsFromString("--experimental-wasm-revectorize");
      // A compilation does not keep the process alive by itself.
      const alive = setInterval(() => undefined, 1000);
      return WebAssembly.compile(bytes).finally(() => clearInterval(alive));
    },
  };
}

/** What this file is, and its neighbours are: sources, or what is published. */
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Node strips types by a WebAssembly module, one in each thread, whose memory reserves as much. */
const typeStrippingAddresses = 2 ** 32;

async function startWorker(onReport: (report: Report) => void, onFailure: (message: string) => void): Promise<Thread> {
  const worker = openWorker();
  let isWanted = true;
  worker.on("message", onReport);
  worker.on("error", (error) => onFailure(reasonOf(error)));
  worker.on("messageerror", (error) => onFailure(`a report was lost: ${error.message}`));
  worker.on("exit", (code) => isWanted && onFailure(`it ended, with code ${code}`));
  // An engine that nobody uses should not keep the process alive; a pending run does, see pool.ts.
  // NOTE: listening to messages makes Node hold the worker, so this comes last.
  worker.unref();
  return {
    send: (command) => worker.postMessage(command),
    // NOTE: the end of a stopped thread is waited for, so the process has to live until then.
    hold: (on) => void (on ? worker.ref() : isWanted && worker.unref()),
    stop: () => {
      isWanted = false;
      return worker.terminate();
    },
  };
}

function openWorker(): Worker {
  try {
    // What Node itself was started with may not suit a worker, as --input-type does not.
    return new Worker(new URL(`./worker-node.${extension}`, import.meta.url), { execArgv: [] });
  } catch (cause) {
    throw new LimbeckError(
      "ENGINE",
      `the system refused a thread of the wasm engine: ${reasonOf(cause)}; ` +
        "take fewer threads, end other processes, or raise the limit (ulimit -u, or that of the container)",
      { cause },
    );
  }
}

/** How much memory this process can still have before the system ends it, in bytes. A container's limit counts. Infinite but on Linux: other systems compress and swap, and their figures do not say how much. */
function availableMemory(): number {
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
