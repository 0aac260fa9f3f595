/** @file Threads in Node, and V8's switches for WebAssembly. */
import { availableParallelism } from "node:os";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";
import { LimbeckError } from "../../../errors.ts";
import { availableMemory } from "./memory-node.ts";
import type { Platform, Thread } from "./platform.ts";
import type { Report } from "./protocol.ts";

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
    start: startWorker,
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

async function startWorker(onReport: (report: Report) => void, onFailure: (message: string) => void): Promise<Thread> {
  const worker = openWorker();
  let isWanted = true;
  worker.on("message", onReport);
  worker.on("error", (error) => onFailure(error instanceof Error ? error.message : String(error)));
  worker.on("messageerror", (error) => onFailure(`a report was lost: ${error.message}`));
  worker.on("exit", (code) => isWanted && onFailure(`it ended, with code ${code}`));
  // An engine that nobody uses should not keep the process alive; a pending run does, see pool.ts.
  // NOTE: listening to messages makes Node hold the worker, so this comes last.
  worker.unref();
  return {
    send: (command) => worker.postMessage(command),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    stop: () => {
      isWanted = false;
      return worker.terminate();
    },
  };
}

function openWorker(): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  try {
    // What Node itself was started with may not suit a worker, as --input-type does not.
    return new Worker(new URL(`./worker-node.${extension}`, import.meta.url), { execArgv: [] });
  } catch (cause) {
    throw new LimbeckError(
      "ENGINE",
      `the system refused a thread of the wasm engine: ${cause instanceof Error ? cause.message : String(cause)}; ` +
        "take fewer threads, end other processes, or raise the limit (ulimit -u, or that of the container)",
      { cause },
    );
  }
}
