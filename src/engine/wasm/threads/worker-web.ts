/** @file A thread's entry in a browser. */
import type { Command } from "./protocol.ts";
import { createWorker } from "./worker.ts";

const handle = createWorker((report) => globalThis.postMessage(report));
globalThis.addEventListener("message", (event: MessageEvent<Command>) => handle(event.data));
