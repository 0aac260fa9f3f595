/** @file Long work: its progress, and what stops it. The first Ctrl-C asks it to stop and save, the second ends the process at once. */
import { setImmediate } from "node:timers/promises";
import { watchCtrlC } from "./ctrl-c.ts";
import { endAtOnce } from "./exit.ts";

const breathSeconds = 0.05;

/**
 * Runs the work to its end, `watch` seeing each event; returns its result. Throws as the work does.
 *
 * NOTE: an engine that computes on this thread never lets the event loop turn, so signals would wait; this does, now and then.
 */
export async function follow<Event, Result>(
  work: AsyncGenerator<Event, Result>,
  watch: (event: Event) => void,
): Promise<Result> {
  let breathed = performance.now();
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    watch(value);
    if (performance.now() - breathed < breathSeconds * 1000) continue;
    await setImmediate();
    breathed = performance.now();
  }
}

/** Stops the work that is under way, which then throws this error. */
let failing: ((error: unknown) => void) | undefined;

/** Whether there is work under way that is stopped, saved, and throws this error then. */
export function failWork(error: unknown): boolean {
  failing?.(error);
  return failing !== undefined;
}

/** What asks a command to stop: Ctrl-C, a system that shuts down, a terminal that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs work under a signal that one of the system's raises, calling `onStop` the first time. Throws as the work, and as `failWork` says. */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  onStop: () => void,
): Promise<Result> {
  const controller = new AbortController();
  const failures: unknown[] = [];
  const stop = (): void => {
    if (controller.signal.aborted) endAtOnce(130);
    controller.abort();
    onStop();
  };
  failing = (error) => {
    failures.push(error);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, stop);
  const unwatch = await watchCtrlC(stop);
  try {
    const result = await work(controller.signal).catch((error: unknown) => {
      throw failures.length > 0 ? failures[0] : error;
    });
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    failing = undefined;
    unwatch();
    for (const signal of signals) process.off(signal, stop);
  }
}
