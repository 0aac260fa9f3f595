/** @file How far a benchmark is. */
import { duration } from "../src/report/format.ts";

/** One line that is written over on a terminal; in a log, nothing. */
export function onProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** A measurement under way, how many samples it has, and the time since the start: as `onProgress`, but a log has a line for each measurement. */
export function onMeasurement(title: string, samples: number): void {
  const passed = duration(performance.now() / 1000);
  if (process.stderr.isTTY) onProgress(`${title}: ${samples === 0 ? "warming up" : `${samples} samples`}, ${passed}`);
  else if (samples === 0) process.stderr.write(`${title}, ${passed}\n`);
}
