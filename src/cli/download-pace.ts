/** @file How long a download, or its unpacking, will take. */
import type { DownloadProgress } from "../data/node/download.ts";

/** Before, the first bytes are too few to tell. */
const settledSeconds = 2;

/** Follows a download. Times are in seconds, of any clock that only goes forward. */
export class DownloadPace {
  #start: { readonly step: string; readonly received: number; readonly time: number } | undefined;

  /** Seconds until the step is over, by the bytes that came since it was first seen; `undefined` at its beginning. */
  secondsLeft({ step, received, total }: DownloadProgress, time: number): number | undefined {
    if (this.#start?.step !== step) this.#start = { step, received, time };
    const seconds = time - this.#start.time;
    const came = received - this.#start.received;
    if (came < 0) this.#start = { step, received, time }; // it began again
    return seconds >= settledSeconds && came > 0 ? ((total - received) / came) * seconds : undefined;
  }
}
