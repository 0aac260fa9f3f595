/** @file How work ends when the caller asks for it. */
import { LimbeckError } from "../errors.ts";

/** Throws ABORTED if the caller has asked to stop; `state` says what the work leaves behind. */
export function stopIfAborted(signal: AbortSignal | undefined, state: string): void {
  if (signal?.aborted) throw new LimbeckError("ABORTED", `stopped as asked; ${state}`, { cause: signal.reason });
}
