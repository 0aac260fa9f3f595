/** @file The caller's own thread as one of an engine's: what it is asked is done at once, without a message there and back. */
import type { Platform, Report, Thread } from "./protocol.ts";
import { createWorker } from "./worker.ts";

/** Milliseconds of such work in a row, after which the caller's timers, events and signals have their turn. */
const patience = 8;

export function callersThread(platform: Platform, onReport: (report: Report) => void): Thread {
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
