/** @file A thread's entry in Node. */
import { parentPort } from "node:worker_threads";
import { createWorker } from "./worker.ts";

const handle = createWorker((report) => parentPort!.postMessage(report));
parentPort!.on("message", handle);
