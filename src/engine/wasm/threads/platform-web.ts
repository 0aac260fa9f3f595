/** @file Threads in a browser. */
import type { Platform } from "./platform.ts";
import type { Report } from "./protocol.ts";

export function webPlatform(): Platform {
  return {
    name: "browser",
    processors: navigator.hardwareConcurrency,
    canShare: globalThis.crossOriginIsolated,
    canWiden: false,
    start: async (onReport, onFailure) => {
      const worker = new Worker(new URL("./worker-web.js", import.meta.url), { type: "module" });
      worker.addEventListener("message", (event: MessageEvent<Report>) => onReport(event.data));
      worker.addEventListener("error", (event) => onFailure(event.message));
      return {
        send: (command) => worker.postMessage(command),
        hold: () => undefined,
        stop: () => worker.terminate(),
      };
    },
    compile: (bytes) => WebAssembly.compile(bytes),
  };
}
