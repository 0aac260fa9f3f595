/** @file How long an exported student takes for a picture. */
import { median } from "../statistics.ts";
import type { OpenedStudent } from "./format.ts";

/** Of so many images at once. */
export interface Latency {
  readonly batch: number;
  /** Of all its images: the median of the runs. */
  readonly milliseconds: number;
  readonly runs: number;
}

/** For how long, and how often at least, a batch is timed, after as much again to warm up. */
const MILLISECONDS = 300;
const RUNS = 10;

/** Times it with one image after another of these, on this thread. */
export async function latencyOf(
  student: OpenedStudent,
  batch: number,
  image: (i: number) => Uint8Array,
): Promise<Latency> {
  const images = Array.from({ length: batch }, (_, i) => image(i));
  const times: number[] = [];
  for (let begun = performance.now(), warm = false; ;) {
    const before = performance.now();
    await student.logits(images);
    const after = performance.now();
    times.push(after - before);
    if (after - begun < MILLISECONDS || times.length < RUNS) continue;
    if (warm) break;
    warm = true;
    begun = after;
    times.length = 0;
  }
  return { batch, milliseconds: median(times), runs: times.length };
}

/** `92 µs`, `1.11 ms`. */
export function latencyText(milliseconds: number): string {
  return milliseconds < 1 ? `${Math.round(1000 * milliseconds)} µs` : `${Number(milliseconds.toPrecision(3))} ms`;
}
