/** @file A thread's entry in Node. */
import { parentPort } from "node:worker_threads";
import type { Report } from "./protocol.ts";
import { createWorker } from "./worker.ts";

const report = (report: Report): void => parentPort?.postMessage(report);
parentPort?.on("message", createWorker(report));
parentPort?.on("messageerror", ({ message }) => report({ kind: "failed", message: `a command was lost: ${message}` }));
