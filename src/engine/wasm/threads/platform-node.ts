/** @file Threads in Node, and V8's switches for WebAssembly. */
import { availableParallelism } from "node:os";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";
import type { Platform } from "./platform.ts";

export function nodePlatform(): Platform {
  const major = Number.parseInt(process.versions.node, 10);
  // Before Node 22, fused multiply-add is still behind a switch.
  if (major < 22) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return {
    name: `Node ${process.versions.node}`,
    processors: availableParallelism(),
    canShare: true,
    canWiden: major >= 24,
    start: async (onReport, onFailure) => {
      const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
      const worker = new Worker(new URL(`./worker-node.${extension}`, import.meta.url));
      // An engine that nobody uses should not keep the process alive; a pending run does, see pool.ts.
      worker.unref();
      worker.on("message", onReport);
      worker.on("error", (error) => onFailure(error instanceof Error ? error.message : String(error)));
      return {
        send: (command) => worker.postMessage(command),
        hold: (on) => (on ? worker.ref() : worker.unref()),
        stop: () => worker.terminate(),
      };
    },
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
