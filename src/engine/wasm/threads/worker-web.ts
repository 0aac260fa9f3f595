/** @file A thread's entry in a browser. */
import type { Command, Report } from "./protocol.ts";
import { createWorker } from "./worker.ts";

const report = (report: Report): void => globalThis.postMessage(report);
const handle = createWorker(report);
globalThis.addEventListener("message", (event: MessageEvent<Command>) => handle(event.data));
globalThis.addEventListener("messageerror", () => report({ kind: "failed", message: "a command was lost" }));
