/** @file How long an exported student takes for a picture. */
import { elementAt } from "../elements.ts";
import { isSettled, MUCH_LOAD, timeInTurn } from "../timing.ts";
import type { OpenedStudent } from "./format.ts";

/** Of so many images at once. */
export interface Latency {
  readonly batch: number;
  /** Of all its images: the median of the runs; missing where that did not settle, as on a busy machine. */
  readonly milliseconds?: number | undefined;
  readonly runs: number;
  /** The share of the time that other work had the processor, where the system says so. */
  readonly busy?: number | undefined;
}

/** For how long a batch is timed at most. */
const SECONDS = 3;

/** Times it with one image after another of these, on this thread, batches in turn. `check` is called all the time; what it throws ends it. */
export async function latenciesOf(
  student: OpenedStudent,
  batches: readonly number[],
  image: (i: number) => Uint8Array,
  check: () => void,
): Promise<readonly Latency[]> {
  const works = batches.map((batch) => {
    const images = Array.from({ length: batch }, (_, i) => image(i));
    return () => Promise.resolve(student.logits(images));
  });
  const timings = await timeInTurn(works, { seconds: SECONDS * batches.length, check });
  return timings.map((timing, i) => ({
    batch: elementAt(batches, i),
    milliseconds: isSettled(timing) ? timing.milliseconds : undefined,
    runs: timing.runs,
    busy: timing.busy,
  }));
}

/** `92 µs`, `1.11 ms`. */
export function timeText(milliseconds: number): string {
  return milliseconds < 1 ? `${Math.round(1000 * milliseconds)} µs` : `${Number(milliseconds.toPrecision(3))} ms`;
}

/** `92 µs (median of 300, one thread)`; where there is no median, why. */
export function latencyText({ milliseconds, runs, busy = 0 }: Latency): string {
  const load = busy > MUCH_LOAD ? `, other work had the processor for ${Math.round(100 * busy)} % of the time` : "";
  return milliseconds === undefined
    ? `no steady time in ${runs} runs that nothing interrupted${load}`
    : `${timeText(milliseconds)} (median of ${runs}, one thread${load})`;
}
