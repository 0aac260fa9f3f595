/** @file Ctrl-C while JavaScript is busy: a user module's endless loop never lets the event loop turn, where signals are handled. */
import { once } from "node:events";
import type * as Files from "node:fs";
import type * as Vm from "node:vm";
import type * as Threads from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { watchModules } from "../experiment/node/modules/begun.ts";

/** Places of the shared numbers: whether the watch is over, and how many signals this thread has handled. */
const [OVER, HANDLED] = [0, 1];

interface Watched {
  readonly state: Int32Array;
  readonly paths: readonly string[];
}

/**
 * From the first user module on, a thread takes SIGINT and has `stop` called. Where that does not come about, because this thread is busy,
 * it says so at the first signal and ends the process at the second. Without modules `process.on("SIGINT")` is enough, and it has to be
 * there in any case. Returns what ends the watch.
 */
export async function watchCtrlC(stop: () => void): Promise<() => void> {
  const state = new Int32Array(new SharedArrayBuffer(8));
  let worker: Worker | undefined;
  const unwatch = await watchModules(async (paths) => {
    if (worker) return worker.postMessage(paths);
    worker = await startedWorker({ state, paths });
    worker.on("message", () => {
      Atomics.add(state, HANDLED, 1);
      Atomics.notify(state, HANDLED);
      stop();
    });
    worker.unref();
  });
  return () => {
    unwatch();
    Atomics.store(state, OVER, 1);
    Atomics.notify(state, OVER);
  };
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
  const { state, ...started } = workerData as Watched;
  let { paths } = started;
  const [over, handled, patience] = [0, 1, 500];
  const received = () => (parentPort ? receiveMessageOnPort(parentPort) : undefined);
  const tell = (text: string): void => parentPort?.postMessage(text);
  const say = (text: string): void => {
    try {
      writeSync(2, `${text}\n`);
    } catch {
      // nobody reads it
    }
  };
  Object.assign(globalThis, { limbeckState: state, limbeckReady: () => tell("ready") });
  const wait = "while (Atomics.load(limbeckState, 0) === 0) Atomics.wait(limbeckState, 0, 0, 200);";
  for (let signals = 0; ; signals++) {
    try {
      runInThisContext(signals === 0 ? `limbeckReady(); ${wait}` : wait, { breakOnSigint: true });
    } catch {
      // SIGINT
    }
    if (Atomics.load(state, over) !== 0) return;
    tell("SIGINT");
    Atomics.wait(state, handled, signals, patience);
    if (Atomics.load(state, handled) > signals) continue;
    for (let next = received(); next; next = received()) paths = next.message as readonly string[];
    if (signals > 0) break;
    say(
      `Stopping when JavaScript lets it; code of ${paths.join(" or ")} may be in an endless loop. Ctrl-C again stops at once.`,
    );
  }
  say(`error ABORTED: stopped while JavaScript was busy, perhaps in ${paths.join(" or ")}`);
  // As nobody takes it now, it ends the process.
  process.kill(process.pid, "SIGINT");
  Atomics.wait(state, over, 0);
}
