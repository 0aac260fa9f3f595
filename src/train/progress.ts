/** @file Work that tells how far it is, a generator of progress whose return value is the result; and how it stops when asked. */
import { aFunction, checkArguments, having } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";

/** Images done, of how many. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Runs such work to its end, unwatched. */
export async function result<Result>(work: AsyncGenerator<unknown, Result>): Promise<Result> {
  checkArguments("result", { work: [work, having("a generator", { next: aFunction })] });
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
  }
}

/** Throws ABORTED if the caller has asked to stop; `state` says what the work leaves behind. */
export function stopIfAborted(signal: AbortSignal | undefined, state: string): void {
  if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped as asked; ${state}`, { cause: signal.reason });
}
