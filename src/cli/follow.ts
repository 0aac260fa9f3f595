/** @file Follows work that tells how far it is, and lets Ctrl-C through while it runs. */
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
