/** @file Waiting for what a user module promises. */
import { LimbeckError } from "../../../errors.ts";

/**
 * What `promise` gives, or throws. Throws MODULE where nothing is left that could settle it, such as `await new Promise(() => {})`;
 * ABORTED once the signal is raised. `what` says what the module does: `load`.
 */
export async function settled<Value>(
  path: string,
  what: string,
  promise: PromiseLike<Value> | Value,
  signal?: AbortSignal,
): Promise<Value> {
  let refuse: (error: LimbeckError) => void = () => {};
  const refused = new Promise<never>((_, reject) => (refuse = reject));
  const never = (): void =>
    refuse(
      new LimbeckError(
        "MODULE",
        `the module ${path} does not ${what}: it waits for a promise that nothing can settle any more; see what it awaits`,
      ),
    );
  const stop = (): void =>
    refuse(new LimbeckError("ABORTED", `stopped while waiting for the module ${path} to ${what}`));
  // NOTE: it comes when the process has nothing left to do, and may go on if somebody finds something.
  process.on("beforeExit", never);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    return await Promise.race([promise, refused]);
  } finally {
    process.off("beforeExit", never);
    signal?.removeEventListener("abort", stop);
  }
}
