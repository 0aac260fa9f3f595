/** @file Threads in a browser: workers over one shared memory, or, where memory cannot be shared, the caller's own thread. */
import { LimbeckError } from "../../../errors.ts";
import type { Platform, Report, Thread } from "./protocol.ts";
import { createWorker } from "./worker.ts";

/** Memory is shared on a cross-origin isolated page only: served with the headers COOP `same-origin` and COEP `require-corp`. */
export function webPlatform(): Platform {
  const canShare = globalThis.crossOriginIsolated === true;
  const nextTurn = turns();
  return {
    name: "browser",
    processors: navigator.hardwareConcurrency,
    canShare,
    canWiden: false,
    availableMemory: () => Infinity,
    addressesLeft: () => Infinity,
    threadAddresses: 0,
    start: canShare ? startWorker : (onReport) => startHere(nextTurn, onReport),
    nextTurn,
    compile: (bytes) => WebAssembly.compile(bytes),
  };
}

async function startWorker(onReport: (report: Report) => void, onFailure: (message: string) => void): Promise<Thread> {
  const worker = openWorker();
  worker.addEventListener("message", (event: MessageEvent<Report>) => onReport(event.data));
  // An error of the script has a message; that there is no script has none.
  worker.addEventListener("error", ({ message }) => onFailure(message || "its script could not be loaded"));
  worker.addEventListener("messageerror", () => onFailure("a report could not be read"));
  return {
    send: (command) => worker.postMessage(command),
    hold: () => undefined,
    stop: () => worker.terminate(),
  };
}

function openWorker(): Worker {
  try {
    // NOTE: bundlers look for this very form, so the address stands here as it is after compilation.
    return new Worker(new URL("./worker-web.js", import.meta.url), { type: "module" });
  } catch (cause) {
    throw new LimbeckError(
      "ENGINE",
      `the browser refused a thread of the wasm engine: ${String(cause)}; serve Limbeck's files from the page's own origin`,
      { cause },
    );
  }
}

/**
 * NOTE: a memory that is not shared cannot be sent to a worker. Each command is a task of its own, so a page stays live
 * between runs, not during one: a page that trains large networks does so in a worker of its own.
 */
async function startHere(nextTurn: Platform["nextTurn"], onReport: (report: Report) => void): Promise<Thread> {
  let handle: ReturnType<typeof createWorker> | null = createWorker(onReport);
  return {
    send: (command) => nextTurn(() => handle?.(command)),
    hold: () => undefined,
    stop: () => void (handle = null),
  };
}

/** NOTE: timers would wait 4 ms, and seconds on a page that is not seen. */
function turns(): Platform["nextTurn"] {
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port2.addEventListener("message", () => waiting.shift()?.());
  port2.start();
  return (next) => {
    waiting.push(next);
    port1.postMessage(null);
  };
}
