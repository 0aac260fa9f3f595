/** @file Long work: its progress, and Ctrl-C, of which the first asks it to stop and save and the second ends the process at once. */
import { setImmediate } from "node:timers/promises";

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

/** What asks a command to stop: Ctrl-C, a system that shuts down, a terminal that is closed. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs work under a signal that one of the system's raises, calling `onStop` the first time. */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  onStop: () => void,
): Promise<Result> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    onStop();
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
