/** @file Long work: its progress, and what stops it. The first Ctrl-C asks it to stop and save, the second ends the process at once. */
import { setImmediate } from "node:timers/promises";
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

/** What stops the work that is under way: a signal, or an error that nothing catches, which the work then throws. */
let work: { readonly stop: () => void; readonly fail: (error: unknown) => void } | undefined;

/** Whether there is work under way that is stopped, saved, and throws this error then. */
export function failWork(error: unknown): boolean {
  work?.fail(error);
  return work !== undefined;
}

/** Asks the work under way to stop; ends the process where it has been asked, or there is none. */
export function stopWork(): void {
  if (!work) return endAtOnce(130);
  work.stop();
}

/** What asks a command to stop: Ctrl-C, a system that shuts down, a terminal that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Lets these signals stop the work, from now on. */
export function stopOnSignals(): void {
  for (const signal of signals) if (!process.listeners(signal).includes(stopWork)) process.on(signal, stopWork);
}

/** Runs work under a signal that one of the system's raises, calling `onStop` the first time. Throws as the work, and as `failWork` says. */
export async function interruptible<Result>(
  perform: (signal: AbortSignal) => Promise<Result>,
  onStop: () => void,
): Promise<Result> {
  const controller = new AbortController();
  const failures: unknown[] = [];
  const stop = (): void => {
    if (controller.signal.aborted) endAtOnce(130);
    controller.abort();
    onStop();
  };
  const fail = (error: unknown): void => {
    failures.push(error);
    controller.abort();
  };
  work = { stop, fail };
  stopOnSignals();
  try {
    const result = await perform(controller.signal).catch((error: unknown) => {
      throw failures.length > 0 ? failures[0] : error;
    });
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    work = undefined;
  }
}
