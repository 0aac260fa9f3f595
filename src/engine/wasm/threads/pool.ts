/** @file The threads of an engine: all run every program together; the first one reports. */
import { elementAt } from "../../../elements.ts";
import { LimbeckError } from "../../../errors.ts";
import type { Command, Platform, Report, Thread } from "./protocol.ts";
import { createWorker } from "./worker.ts";

interface Waiting {
  readonly resolve: (times: readonly number[]) => void;
  readonly reject: (error: Error) => void;
  /** Reports that are still to come. */
  missing: number;
}

type Load = Extract<Command, { kind: "load" }>;
type Run = Extract<Command, { kind: "run" }>;

/** Started threads. One command is under way at a time; the engine's queue sees to that. */
export class ThreadPool {
  readonly #threads: Thread[] = [];
  #waiting: Waiting | null = null;
  /** Why nothing can be asked of the threads any more. NOTE: no error, whose stack would hold whoever stopped them: the engine. */
  #failure: string | null = null;
  #stopped: Promise<unknown> | null = null;

  /**
   * Starts `count` threads over one memory. Where the system refuses to start so many, half of those that it did start
   * go on, which leaves room for what else the process may want to start. Throws ENGINE if not even one was started.
   */
  static async start(platform: Platform, count: number, memory: WebAssembly.Memory): Promise<ThreadPool> {
    const pool = new ThreadPool();
    const threads = pool.#threads;
    try {
      while (threads.length < count) threads.push(await pool.#open(platform));
    } catch (error) {
      if (threads.length === 0) throw error;
      const surplus = threads.splice(Math.ceil(threads.length / 2));
      await Promise.all(surplus.map((thread) => thread.stop()));
    }
    for (const [index, thread] of threads.entries()) {
      thread.send({ kind: "start", memory, index, threads: threads.length });
    }
    return pool;
  }

  /** The caller's own thread, for programs that take less time than a message to another. */
  static here(platform: Platform, memory: WebAssembly.Memory): ThreadPool {
    const pool = new ThreadPool();
    const thread = callersThread(platform, (report) => pool.#receive(report));
    thread.send({ kind: "start", memory, index: 0, threads: 1 });
    pool.#threads.push(thread);
    return pool;
  }

  /** How many threads there are. */
  get size(): number {
    return this.#threads.length;
  }

  /** Throws ENGINE if a thread has failed. */
  check(): void {
    if (this.#failure !== null) throw new LimbeckError("ENGINE", this.#failure);
  }

  /** Has every thread load a program. */
  async load(program: Omit<Load, "kind" | "scratch">, scratch: (thread: number) => number): Promise<void> {
    await this.#ask(this.size, (index) => ({ kind: "load", ...program, scratch: scratch(index) }));
  }

  /** Runs a program; the milliseconds of each level if asked for. */
  run(command: Omit<Run, "kind">): Promise<readonly number[]> {
    return this.#ask(1, () => ({ kind: "run", ...command }));
  }

  unload(program: number): void {
    if (this.#failure !== null) return;
    for (const thread of this.#threads) thread.send({ kind: "unload", program });
  }

  /** Ends the threads, whatever they do. */
  async stop(): Promise<void> {
    this.#end("the wasm engine is closed; make a new one");
    await this.#stopped;
  }

  #open(platform: Platform): Promise<Thread> {
    return platform.start(
      (report) => this.#receive(report),
      (message) => this.#end(`a thread of the wasm engine failed: ${message}`),
    );
  }

  async #ask(reports: number, command: (index: number) => Command): Promise<readonly number[]> {
    this.check();
    // One thread is enough to keep the process alive.
    elementAt(this.#threads, 0).hold(true);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject, missing: reports };
        for (const [index, thread] of this.#threads.entries()) thread.send(command(index));
      });
    } finally {
      elementAt(this.#threads, 0).hold(false);
    }
  }

  #receive(report: Report): void {
    if (report.kind === "failed") {
      this.#end(`a thread of the wasm engine failed: ${report.message}`);
    } else if (this.#waiting && --this.#waiting.missing === 0) {
      const { resolve } = this.#waiting;
      this.#waiting = null;
      resolve(report.kind === "done" ? report.times : []);
    }
  }

  /** The first reason counts. Threads may be waiting for one that will never come, so all are stopped. */
  #end(reason: string): void {
    this.#failure ??= reason;
    this.#waiting?.reject(new LimbeckError("ENGINE", this.#failure));
    this.#waiting = null;
    this.#stopped ??= Promise.all(this.#threads.map((thread) => thread.stop()));
  }
}

/** Milliseconds of work in the caller's thread in a row, after which the caller's timers, events and signals have their turn. */
const patience = 8;

/** The caller's own thread as one of an engine's: what it is asked is done at once, without a message there and back. */
function callersThread(platform: Platform, onReport: (report: Report) => void): Thread {
  /** None once it is stopped: a closed engine holds no memory, though something may hold the engine. */
  let handle: ReturnType<typeof createWorker> | null = createWorker(onReport);
  /** When the first command of the caller's turn came. */
  let began: number | null = null;
  return {
    send: (command) => {
      const now = performance.now();
      if (began === null) {
        began = now;
        platform.nextTurn(() => (began = null));
      }
      if (now - began < patience) handle?.(command);
      else platform.nextTurn(() => handle?.(command));
    },
    hold: () => undefined,
    stop: () => void (handle = null),
  };
}
