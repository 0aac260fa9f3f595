/** @file The threads of an engine: all run every program together; the first one reports. */
import { LimbeckError } from "../../../errors.ts";
import type { Platform, Thread } from "./platform.ts";
import type { Command, Report } from "./protocol.ts";

interface Waiting {
  readonly resolve: (times: readonly number[]) => void;
  readonly reject: (error: Error) => void;
  /** Reports that are still to come. */
  missing: number;
}

/** Started threads. One command is under way at a time; the engine's queue sees to that. */
export class ThreadPool {
  readonly #threads: Thread[] = [];
  #waiting: Waiting | null = null;
  #failure: LimbeckError | null = null;

  /** Starts `count` threads over one memory. */
  static async start(platform: Platform, count: number, memory: WebAssembly.Memory): Promise<ThreadPool> {
    const pool = new ThreadPool();
    for (let index = 0; index < count; index++) {
      const thread = await platform.start(
        (report) => pool.#receive(report),
        (message) => pool.#fail(message),
      );
      thread.send({ kind: "start", memory, index, threads: count });
      pool.#threads.push(thread);
    }
    return pool;
  }

  /** Has every thread load a program. */
  async load(
    command: Omit<Extract<Command, { kind: "load" }>, "kind" | "scratch">,
    scratch: (thread: number) => number,
  ): Promise<void> {
    await this.#ask(this.#threads.length, (index) => ({ kind: "load", ...command, scratch: scratch(index) }));
  }

  /** Runs a program with its counters at an address; the milliseconds of each stage if asked for. */
  run(program: number, counters: number, profile: boolean): Promise<readonly number[]> {
    return this.#ask(1, () => ({ kind: "run", program, counters, profile }));
  }

  unload(program: number): void {
    for (const thread of this.#threads) thread.send({ kind: "unload", program });
  }

  async stop(): Promise<void> {
    this.#fail("the engine is closed");
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  async #ask(reports: number, command: (index: number) => Command): Promise<readonly number[]> {
    if (this.#failure) throw this.#failure;
    for (const thread of this.#threads) thread.hold(true);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject, missing: reports };
        for (const [index, thread] of this.#threads.entries()) thread.send(command(index));
      });
    } finally {
      for (const thread of this.#threads) thread.hold(false);
    }
  }

  #receive(report: Report): void {
    if (report.kind === "failed") {
      this.#fail(report.message);
    } else if (this.#waiting && --this.#waiting.missing === 0) {
      const { resolve } = this.#waiting;
      this.#waiting = null;
      resolve(report.kind === "done" ? report.times : []);
    }
  }

  #fail(message: string): void {
    this.#failure ??= new LimbeckError("ENGINE", `a thread of the wasm engine failed: ${message}`);
    this.#waiting?.reject(this.#failure);
    this.#waiting = null;
  }
}
