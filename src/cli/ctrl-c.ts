/** @file Ctrl-C while JavaScript is busy: a user module's endless loop never lets the event loop turn, where signals are handled. */
import { once } from "node:events";
import type * as Files from "node:fs";
import type * as Vm from "node:vm";
import type * as Threads from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { watchModules } from "../experiment/node/modules/index.ts";
import { stopOnSignals, stopWork } from "./follow.ts";

interface Watched {
  /** One number: how many signals the process's own thread has handled. */
  readonly handled: Int32Array;
  readonly paths: readonly string[];
}

/**
 * From the first user module on, a thread takes SIGINT and has `stopWork` called. Where that does not come about, because JavaScript is
 * busy, it says so at the first signal and ends the process at the second.
 */
export function watchCtrlC(): void {
  const handled = new Int32Array(new SharedArrayBuffer(4));
  let worker: Worker | undefined;
  watchModules(async (paths) => {
    if (worker) return worker.postMessage(paths);
    // NOTE: before the thread takes SIGINT: the first listener of a process would take it back.
    stopOnSignals();
    worker = await startedWorker({ handled, paths });
    worker.on("message", () => {
      Atomics.add(handled, 0, 1);
      Atomics.notify(handled, 0);
      stopWork();
    });
    worker.unref();
  });
}

/** A thread that takes the signals. NOTE: without one, on a machine that has no room for it, Ctrl-C waits for the event loop. */
async function startedWorker(workerData: Watched): Promise<Worker> {
  const program = `(${takeSignals.toString()})(require("node:fs"), require("node:vm"), require("node:worker_threads"))`;
  const worker = new Worker(program, { eval: true, execArgv: [], workerData });
  worker.on("error", () => undefined);
  await Promise.race([once(worker, "message"), once(worker, "exit")]).catch(() => undefined);
  return worker;
}

/**
 * NOTE: becomes a program of its own, so it may use nothing from around it. Threads get no signals, with one exception: in whichever thread
 * it runs, Node lets SIGINT break a script of `vm`, by a handler that needs no event loop. Meanwhile there is no other handler.
 */
function takeSignals(
  { writeSync }: typeof Files,
  { runInThisContext }: typeof Vm,
  { parentPort, receiveMessageOnPort, workerData }: typeof Threads,
): void {
  const { handled, ...started } = workerData as Watched;
  let { paths } = started;
  const patience = 500;
  const received = () => (parentPort ? receiveMessageOnPort(parentPort) : undefined);
  const tell = (text: string): void => parentPort?.postMessage(text);
  const say = (text: string): void => {
    try {
      writeSync(2, `${text}\n`);
    } catch {
      // nobody reads it
    }
  };
  const forEver = "const never = new Int32Array(new SharedArrayBuffer(4)); for (;;) Atomics.wait(never, 0, 0, 200);";
  Object.assign(globalThis, { limbeckReady: () => tell("ready") });
  for (let signals = 0; ; signals++) {
    try {
      runInThisContext(`{ ${signals === 0 ? "limbeckReady();" : ""} ${forEver} }`, { breakOnSigint: true });
    } catch {
      // SIGINT
    }
    tell("SIGINT");
    Atomics.wait(handled, 0, signals, patience);
    if (Atomics.load(handled, 0) > signals) continue;
    for (let next = received(); next; next = received()) paths = next.message as readonly string[];
    if (signals > 0) break;
    say(
      `Stopping when JavaScript lets it; code of ${paths.join(" or ")} may be in an endless loop. Ctrl-C again stops at once.`,
    );
  }
  say(`error ABORTED: stopped while JavaScript was busy, perhaps in ${paths.join(" or ")}`);
  // As nobody takes it now, it ends the process.
  process.kill(process.pid, "SIGINT");
}
